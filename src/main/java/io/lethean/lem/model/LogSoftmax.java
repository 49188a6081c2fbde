package io.lethean.lem.model;

import io.lethean.lem.NativeCallException;
import io.lethean.lem.internal.math.LogSumExp;

/** The log-probabilities of the next token: {@code score - log(sum of exp of all scores)}, in double precision. */
final class LogSoftmax {

    private final float[] scores;
    private final int best;
    private final double logSum;

    /**
     * @param scores are kept, not copied
     * @throws NativeCallException if a score is not a number
     */
    LogSoftmax(float[] scores) {
        this.scores = scores;
        this.best = Logits.argmax(scores);
        this.logSum = LogSumExp.of(scores);
        if (Double.isNaN(logSum)) {
            throw new NativeCallException(
                    "A score that the model computed is not a number; its weights are broken, or the number format"
                            + " overflows. Loading it with checkTensors tells which.",
                    "llama_get_logits_ith",
                    0);
        }
    }

    /** The most likely token, the lowest one among equals. */
    int best() {
        return best;
    }

    double of(int token) {
        return scores[token] - logSum;
    }
}
