package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.Rope;

/**
 * What may differ from one layer of a model to the next.
 *
 * @param window how many tokens back a token sees, itself included; 0 for all
 * @param rope the rotation of its queries and keys
 */
record LayerSpec(int window, Rope rope) {

    LayerSpec {
        if (window < 0) {
            throw new IllegalArgumentException("An attention window cannot be negative: " + window + ".");
        }
    }
}
