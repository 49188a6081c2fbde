package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.GraphBuilder;
import io.lethean.lem.internal.ggml.Tensor;

/**
 * Root mean square norm (Zhang and Sennrich 2019).
 *
 * @param weight one factor per number of a row
 * @param epsilon added to the mean square
 */
record RmsNorm(WeightVector weight, float epsilon) {

    Tensor forward(GraphBuilder g, Tensor x) {
        return g.multiply(g.rmsNorm(x, epsilon), weight.vector());
    }

    /** The gradient of x; adds to that of the weight, if it is trained. */
    Tensor backward(GraphBuilder g, Tensor x, Tensor dy) {
        if (weight.isTrained()) {
            weight.accumulate(g, g.multiply(dy, g.rmsNorm(x, epsilon)));
        }
        return g.derivatives().rmsNorm(g.multiply(dy, weight.vector()), x, epsilon);
    }
}
