package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.GraphBuilder;
import io.lethean.lem.internal.ggml.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Root mean square norm (Zhang and Sennrich 2019).
 *
 * @param weight one factor per number of a row; null for a norm without factors
 * @param epsilon added to the mean square
 */
record RmsNorm(@Nullable WeightVector weight, float epsilon) {

    Tensor forward(GraphBuilder g, Tensor x) {
        Tensor normed = g.rmsNorm(x, epsilon);
        return weight == null ? normed : g.multiply(normed, weight.vector());
    }

    /** The gradient of x; adds to that of the weight, if it is trained. */
    Tensor backward(GraphBuilder g, Tensor x, Tensor dy) {
        if (weight == null) {
            return g.derivatives().rmsNorm(dy, x, epsilon);
        }
        if (weight.isTrained()) {
            weight.accumulate(g, g.multiply(dy, g.rmsNorm(x, epsilon)));
        }
        return g.derivatives().rmsNorm(g.multiply(dy, weight.vector()), x, epsilon);
    }
}
