package io.lethean.lem.internal.engine;

/**
 * The loss over some tokens: the negative logarithm of the probability of each target, summed.
 *
 * @param sum in nats
 * @param tokens how many targets there were
 */
public record LossSum(double sum, int tokens) {

    /** Nothing yet. */
    public static final LossSum NONE = new LossSum(0, 0);

    /** Both together. */
    public LossSum plus(LossSum other) {
        return new LossSum(sum + other.sum, tokens + other.tokens);
    }

    /** Nats per token; NaN over no tokens. */
    public double mean() {
        return sum / tokens;
    }
}
