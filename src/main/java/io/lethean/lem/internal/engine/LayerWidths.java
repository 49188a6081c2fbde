package io.lethean.lem.internal.engine;

import io.lethean.lem.train.options.Target;

/**
 * Sizes of a layer's vectors, in elements.
 *
 * @param hiddenSize elements per token between layers
 * @param feedForward width inside the feed-forward part, or inside an expert
 * @param heads query heads
 * @param kvHeads key and value heads; a divisor of {@code heads}
 * @param headSize elements per head
 * @param experts of the feed-forward part; 0 if it is not a mixture
 * @param dense width inside a dense part next to the mixture; 0 without one. With one, the gate and up projections of an expert are
 *     one matrix
 */
record LayerWidths(int hiddenSize, int feedForward, int heads, int kvHeads, int headSize, int experts, int dense) {

    LayerWidths {
        if (kvHeads < 1 || heads % kvHeads != 0) {
            throw new IllegalArgumentException(
                    heads + " query heads cannot share " + kvHeads + " key and value heads evenly.");
        }
    }

    /** A layer without a dense part next to a mixture. */
    LayerWidths(int hiddenSize, int feedForward, int heads, int kvHeads, int headSize, int experts) {
        this(hiddenSize, feedForward, heads, kvHeads, headSize, experts, 0);
    }

    /** True if the gate and up projections of an expert are one matrix, that of the gate. */
    boolean gateHasUp() {
        return dense > 0;
    }

    /** Query heads that share one key and value head. */
    int group() {
        return heads / kvHeads;
    }

    /** Rows of a projection's weight: the width of its result. */
    int output(Target target) {
        return switch (target) {
            case Q -> heads * headSize;
            case K, V -> kvHeads * headSize;
            case O, DOWN -> hiddenSize;
            case GATE -> gateHasUp() ? 2 * feedForward : feedForward;
            case UP -> feedForward;
            case ROUTER -> experts;
        };
    }

    /** The width of what a projection reads. */
    int input(Target target) {
        return switch (target) {
            case Q, K, V, GATE, UP, ROUTER -> hiddenSize;
            case O -> heads * headSize;
            case DOWN -> feedForward;
        };
    }
}
