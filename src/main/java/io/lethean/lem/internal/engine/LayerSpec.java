package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.Rope;
import io.lethean.lem.train.options.Target;

/**
 * What may differ from one layer of a model to the next.
 *
 * @param index the layer, from 0
 * @param window how many tokens back a token sees, itself included; 0 for all
 * @param rope the rotation of its queries and keys
 * @param ropeFactors true if the file's factors of frequencies, if it has factors, are for this layer
 * @param widths sizes of its vectors
 * @param keysOf the layer of which it uses the keys and values; its own index if it has keys and values of its own
 * @param hasValues false if the result of its key projection is used as values, too
 */
record LayerSpec(
        int index, int window, Rope rope, boolean ropeFactors, LayerWidths widths, int keysOf, boolean hasValues) {

    LayerSpec {
        if (window < 0) {
            throw new IllegalArgumentException("An attention window cannot be negative: " + window + ".");
        }
    }

    /** True if the layer computes keys and values. */
    boolean hasKeys() {
        return keysOf == index;
    }

    /** True if the layer has this projection. */
    boolean has(Target target) {
        return switch (target) {
            case K -> hasKeys();
            case V -> hasKeys() && hasValues;
            case ROUTER -> widths.experts() > 0;
            case UP -> !widths.gateHasUp();
            case Q, O, GATE, DOWN -> true;
        };
    }
}
