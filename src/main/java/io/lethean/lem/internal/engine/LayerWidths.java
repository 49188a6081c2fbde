package io.lethean.lem.internal.engine;

import io.lethean.lem.train.options.Target;

/**
 * Sizes of a layer's vectors, in elements.
 *
 * @param hiddenSize elements per token between layers
 * @param feedForward width inside the feed-forward part
 * @param heads query heads
 * @param kvHeads key and value heads; a divisor of {@code heads}
 * @param headSize elements per head
 */
record LayerWidths(int hiddenSize, int feedForward, int heads, int kvHeads, int headSize) {

    LayerWidths {
        if (kvHeads < 1 || heads % kvHeads != 0) {
            throw new IllegalArgumentException(
                    heads + " query heads cannot share " + kvHeads + " key and value heads evenly.");
        }
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
            case GATE, UP -> feedForward;
        };
    }

    /** The width of what a projection reads. */
    int input(Target target) {
        return switch (target) {
            case Q, K, V, GATE, UP -> hiddenSize;
            case O -> heads * headSize;
            case DOWN -> feedForward;
        };
    }
}
