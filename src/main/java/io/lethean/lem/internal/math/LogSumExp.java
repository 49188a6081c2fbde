package io.lethean.lem.internal.math;

/** The logarithm of a sum of exponentials, by which logits become log-probabilities. */
public final class LogSumExp {

    private LogSumExp() {}

    /**
     * Computes {@code log(sum of exp(logit))} in double precision, relative to the largest logit, so that no
     * exponential overflows. The log-probability of a token is its logit minus this value.
     *
     * @return NaN if a logit is NaN or plus infinity, or if all are minus infinity
     */
    public static double of(float[] logits) {
        double largest = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            largest = Math.max(largest, logit);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - largest);
        }
        return largest + Math.log(sum);
    }
}
