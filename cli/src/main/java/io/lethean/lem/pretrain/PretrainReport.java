package io.lethean.lem.pretrain;

import java.util.Locale;

/**
 * The result of training a model with random initial weights.
 *
 * @param parameters numbers that were trained
 * @param fileBytes of the model as Q8_0
 * @param trainBytes of text that was learned from
 * @param testBytes of text that was held out for measuring
 * @param iterations batches that it was trained on
 * @param bestIteration after which the loss on the validation text was smallest; the result is still the
 *     last model, because one that has memorized conversations gives whole answers
 * @param bestLoss then, in nats per token
 * @param bitsPerByte of the model as Q8_0 on the held-out text; marks of turns and ends of texts count as cost but not
 *     as bytes
 * @param bigramBitsPerByte of a byte-bigram model with the same training text on the same held-out text
 */
public record PretrainReport(
        long parameters,
        long fileBytes,
        long trainBytes,
        long testBytes,
        int iterations,
        int bestIteration,
        double bestLoss,
        double bitsPerByte,
        double bigramBitsPerByte) {

    /** How much smaller the model's figure is than the bigram's, as a part of it. */
    public double saving() {
        return 1 - bitsPerByte / bigramBitsPerByte;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%,d parameters in %,d bytes, trained on %,d bytes of text for %d iterations; the best validation loss"
                        + " was %.4f nats per token after iteration %d. On %,d bytes of held-out text %.4f bits per byte,"
                        + " a byte bigram %.4f: %.1f %% less.",
                parameters,
                fileBytes,
                trainBytes,
                iterations,
                bestLoss,
                bestIteration,
                testBytes,
                bitsPerByte,
                bigramBitsPerByte,
                100 * saving());
    }
}
