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
