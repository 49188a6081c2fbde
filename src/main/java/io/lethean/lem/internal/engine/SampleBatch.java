package io.lethean.lem.internal.engine;

import io.lethean.lem.train.dataset.Batch;
import io.lethean.lem.train.dataset.TrainingSample;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sequences of equal length with the tokens to be predicted.
 *
 * <p>Row {@code s * tokensPerSequence + t} is token t of sequence s. Shorter sequences are padded at their end with any
 * token and no target; they see nothing of the padding, because attention looks back only.
 *
 * @param tokensPerSequence the length, padding included
 * @param tokens every row's token
 * @param targets the token that each row should predict; {@link #NO_TARGET} where the row does not count
 * @param segments rows with the same number, within a sequence, form one sample and do not see other samples; null if
 *     every sequence is one sample
 */
public record SampleBatch(int tokensPerSequence, int[] tokens, int[] targets, int @Nullable [] segments) {

    /** The target of a row that does not count: of the prompt, or padding. */
    public static final int NO_TARGET = -1;

    /** Rows of a compact batch are a multiple of this number. */
    private static final int LEAST_MULTIPLE = 32;

    /** Lengths of compact batches between a power of two and the next: few, because each length needs graphs. */
    private static final int SHAPES_PER_DOUBLING = 16;

    public SampleBatch {
        if (tokensPerSequence < 1
                || tokens.length == 0
                || tokens.length % tokensPerSequence != 0
                || targets.length != tokens.length
                || (segments != null && segments.length != tokens.length)) {
            throw new IllegalArgumentException("A batch of sequences of " + tokensPerSequence + " tokens cannot have "
                    + tokens.length + " tokens and " + targets.length + " targets.");
        }
        tokens = tokens.clone();
        targets = targets.clone();
        segments = segments == null ? null : segments.clone();
    }

    /** One sample per sequence. */
    public SampleBatch(int tokensPerSequence, int[] tokens, int[] targets) {
        this(tokensPerSequence, tokens, targets, null);
    }

    /** The tokens of planned samples, and the targets that are marked in them. */
    public static SampleBatch of(Batch plan, List<TrainingSample> samples) {
        int[] tokens = new int[plan.rowLength() * plan.rows().size()];
        int[] targets = new int[tokens.length];
        int[] segments = new int[tokens.length];
        Arrays.fill(targets, NO_TARGET);
        for (int row = 0; row < plan.rows().size(); row++) {
            int at = row * plan.rowLength();
            Arrays.fill(
                    segments, at, at + plan.rowLength(), plan.rows().get(row).size());
            for (int number = 0; number < plan.rows().get(row).size(); number++) {
                TrainingSample sample = samples.get(plan.rows().get(row).get(number));
                Arrays.fill(segments, at, at + sample.length(), number);
                System.arraycopy(sample.tokens(), 0, tokens, at, sample.length());
                for (int t = 1; t < sample.length(); t++) {
                    targets[at + t - 1] = sample.isTrained(t) ? sample.token(t) : NO_TARGET;
                }
                at += sample.length();
            }
        }
        boolean packed = plan.rows().stream().anyMatch(row -> row.size() > 1);
        return new SampleBatch(plan.rowLength(), tokens, targets, packed ? segments : null);
    }

    /**
     * The rows of all samples one after the other in one sequence, without the rows after a sample's last target: these
     * change neither loss nor gradients, because attention looks back only.
     */
    SampleBatch compact() {
        int[] kept = new int[tokens.length];
        int[] samples = new int[tokens.length];
        int count = 0;
        int sample = 0;
        for (int begin = 0, end; begin < tokens.length; begin = end, sample++) {
            end = sampleEnd(begin);
            int last = lastTarget(begin, end);
            for (int row = begin; row <= last; row++) {
                kept[count] = row;
                samples[count++] = sample;
            }
        }
        int multiple = Math.max(LEAST_MULTIPLE, Integer.highestOneBit(Math.max(1, count)) / SHAPES_PER_DOUBLING);
        int length = Math.ceilDiv(Math.max(1, count), multiple) * multiple;
        int[] rows = Arrays.copyOf(kept, count);
        int[] compactTokens =
                Arrays.copyOf(Arrays.stream(rows).map(row -> tokens[row]).toArray(), length);
        int[] compactTargets =
                Arrays.copyOf(Arrays.stream(rows).map(row -> targets[row]).toArray(), length);
        int[] compactSegments = Arrays.copyOf(samples, length);
        Arrays.fill(compactTargets, count, length, NO_TARGET);
        Arrays.fill(compactSegments, count, length, sample);
        return new SampleBatch(length, compactTokens, compactTargets, compactSegments);
    }

    /** The row after the sample that begins with a row. */
    private int sampleEnd(int begin) {
        int end = begin + 1;
        while (end < tokens.length
                && end % tokensPerSequence != 0
                && (segments == null || segments[end] == segments[begin])) {
            end++;
        }
        return end;
    }

    /** The last row of a sample that has a target; the row before the sample without one. */
    private int lastTarget(int begin, int end) {
        int last = end - 1;
        while (last >= begin && targets[last] == NO_TARGET) {
            last--;
        }
        return last;
    }

    public int sequences() {
        return tokens.length / tokensPerSequence;
    }

    /** How many rows have a target. */
    public int targetCount() {
        int count = 0;
        for (int target : targets) {
            count += target == NO_TARGET ? 0 : 1;
        }
        return count;
    }
}
