package io.lethean.lem.train.dataset;

import io.lethean.lem.MalformedDataException;
import java.util.ArrayList;
import java.util.List;

/**
 * The samples that fit the longest sequence trained on, and what became of the others.
 *
 * @param samples what is trained on, in the order of the file; never empty
 * @param leftOut what is too long, or would keep no trained token when cut, with its full length
 * @param truncated how many of the samples were cut at the end
 */
public record SampleSet(List<TrainingSample> samples, List<TrainingSample> leftOut, int truncated) {

    /** Copies the lists, so that later changes of them do not count. */
    public SampleSet {
        samples = List.copyOf(samples);
        leftOut = List.copyOf(leftOut);
    }

    /**
     * Chooses what fits.
     *
     * @param all at least one sample
     * @param maxLength tokens in the longest sequence trained on, at least 2
     * @param truncate whether longer samples are cut at the end, and not left out
     * @return the samples to train on
     * @throws MalformedDataException if nothing fits, with the longest length found
     */
    public static SampleSet select(List<TrainingSample> all, int maxLength, boolean truncate)
            throws MalformedDataException {
        if (maxLength < 2) {
            throw new IllegalArgumentException("A sequence to train on has at least 2 tokens, and the longest allowed"
                    + " was set to " + maxLength + ".");
        }
        List<TrainingSample> kept = new ArrayList<>();
        List<TrainingSample> leftOut = new ArrayList<>();
        int truncated = 0;
        for (TrainingSample sample : all) {
            boolean fits = sample.length() <= maxLength;
            TrainingSample candidate = fits || !truncate ? sample : sample.truncated(maxLength);
            if (candidate.length() > maxLength || candidate.trainedCount() == 0) {
                leftOut.add(sample);
            } else {
                kept.add(candidate);
                truncated += fits ? 0 : 1;
            }
        }
        if (kept.isEmpty()) {
            throw nothingLeft(all, maxLength);
        }
        return new SampleSet(kept, leftOut, truncated);
    }

    private static MalformedDataException nothingLeft(List<TrainingSample> all, int maxLength) {
        int longest = all.stream().mapToInt(TrainingSample::length).max().orElse(0);
        int shortest = all.stream().mapToInt(TrainingSample::length).min().orElse(0);
        return new MalformedDataException(
                all.getFirst().file(),
                "not one of the " + all.size() + " examples fits into "
                        + maxLength + " tokens: the longest has " + longest + " and the shortest " + shortest
                        + "; raise max-seq-length or cut the examples.");
    }

    /** {@return tokens that count in the loss, over all samples} */
    public long trainedTokens() {
        return samples.stream().mapToLong(TrainingSample::trainedCount).sum();
    }
}
