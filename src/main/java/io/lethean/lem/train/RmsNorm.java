package io.lethean.lem.train;

import io.lethean.lem.ggml.GraphBuilder;
import io.lethean.lem.ggml.Tensor;

/**
 * Root mean square norm (Zhang and Sennrich 2019) with a frozen weight.
 *
 * @param weight one factor per number of a row
 * @param epsilon added to the mean square
 */
record RmsNorm(Tensor weight, float epsilon) {

    Tensor forward(GraphBuilder g, Tensor x) {
        return g.multiply(g.rmsNorm(x, epsilon), weight);
    }

    Tensor backward(GraphBuilder g, Tensor x, Tensor dy) {
        return g.derivatives().rmsNorm(g.multiply(dy, weight), x, epsilon);
    }
}
