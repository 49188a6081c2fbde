package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.GraphBuilder;
import io.lethean.lem.internal.ggml.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A weight that is applied to every row alike: of a norm, or a bias.
 *
 * @param vector {@code [n]}
 * @param gradient same shape; null if it is frozen
 */
record WeightVector(Tensor vector, @Nullable Tensor gradient) {

    /** Adds to the gradient what every row adds to it, if the vector is trained. */
    void accumulate(GraphBuilder g, Tensor dRows) {
        if (gradient != null) {
            g.compute(g.addInPlace(gradient, g.derivatives().repeat(dRows, gradient)));
        }
    }

    boolean isTrained() {
        return gradient != null;
    }
}
