package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.Buffer;
import io.lethean.lem.internal.ggml.GraphBuilder;
import io.lethean.lem.internal.ggml.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The keys and values of one layer that later layers use, too, and what these add to their gradients.
 *
 * @param k rotated, {@code [head size, key heads, N]}
 * @param v in the same shape
 * @param gradients of both; null if the layer needs no gradient
 * @param buffer that has all of them
 */
record SharedKeys(Tensor k, Tensor v, @Nullable Gradients gradients, Buffer buffer) {

    /** The gradients of the keys and values, from all later layers. */
    record Gradients(Tensor dk, Tensor dv) {}

    /** Makes the results of a layer land here. */
    void place(Tensor keys, Tensor values) {
        buffer.placeOver(keys, k);
        buffer.placeOver(values, v);
    }

    /** Adds what a later layer found. */
    void add(GraphBuilder g, Attention.Gradients found) {
        if (gradients != null) {
            g.compute(g.addInPlace(gradients.dk(), found.dk()));
            g.compute(g.addInPlace(gradients.dv(), found.dv()));
        }
    }

    /** What the layer itself found, with that of all later layers. */
    Attention.Gradients total(GraphBuilder g, Attention.Gradients found) {
        return gradients == null
                ? found
                : new Attention.Gradients(
                        found.dq(), g.add(found.dk(), gradients.dk()), g.add(found.dv(), gradients.dv()));
    }
}
