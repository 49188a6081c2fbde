package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.GraphBuilder;
import io.lethean.lem.internal.ggml.Tensor;

/**
 * DoRA's factor of each output of a projection, {@code magnitude / norm} (Liu et al. 2024).
 *
 * <p>The norm is that of the row of {@code W + scale * B A}. Its own derivative is left out, as section 4.3 of the paper
 * proposes and PEFT and mlx-lm do.
 *
 * @param vector the trained magnitudes, {@code [m]}
 * @param gradient same shape
 * @param inverseNorm 1 / norm of each row, {@code [m]}; see {@link RowNorms}
 */
record Magnitude(Tensor vector, Tensor gradient, Tensor inverseNorm) {

    /** The outputs scaled, {@code [m, T]}; also the way back of a gradient. */
    Tensor apply(GraphBuilder g, Tensor outputs) {
        return g.multiply(outputs, g.multiply(vector, inverseNorm));
    }

    /**
     * Adds to the gradient of the magnitudes.
     *
     * @param outputs what {@link #apply} read
     * @param dy the gradient of what it returned
     */
    void accumulate(GraphBuilder g, Tensor outputs, Tensor dy) {
        Tensor perRow = g.derivatives().repeat(g.multiply(dy, outputs), gradient);
        g.compute(g.addInPlace(gradient, g.multiply(perRow, inverseNorm)));
    }
}
