package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.GraphBuilder;
import io.lethean.lem.internal.ggml.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A weight {@code W [n, m]}, the two ways from the gradient of {@code W x} back to that of {@code x}, and the gradient
 * of the weight itself where it is trained.
 *
 * @param matrix of any type; f32 where it is trained
 * @param transposed {@code [m, n]}, stored; null to expand the matrix in each step instead, slower and without the
 *     memory
 * @param everyRow the indices 0 to m-1, for expanding the matrix; null if it is f32 or a transpose is stored
 * @param gradient same shape as the matrix; null if it is frozen
 */
record WeightMatrix(
        Tensor matrix,
        @Nullable Tensor transposed,
        @Nullable Tensor everyRow,
        @Nullable Tensor gradient) {

    /** A matrix that stays as it is. */
    static WeightMatrix frozen(Tensor matrix, @Nullable Tensor transposed, @Nullable Tensor everyRow) {
        return new WeightMatrix(matrix, transposed, everyRow, null);
    }

    /** A matrix that changes in every step, so that no transpose of it can be kept. */
    static WeightMatrix trained(Trainable.Parameter parameter) {
        return new WeightMatrix(parameter.value(), null, null, parameter.gradient());
    }

    /** The gradient of x. */
    Tensor backward(GraphBuilder g, Tensor dy) {
        if (transposed != null) {
            return g.multiplyMatrices(transposed, dy);
        }
        if (gradient != null) {
            return g.multiplyMatrices(turned(g, matrix), dy);
        }
        // Reading rows is the one way to expand a matrix that every backend has for every type.
        Tensor expanded = everyRow == null ? matrix : g.rows(matrix, everyRow);
        return g.derivatives().outerProduct(expanded, g.transpose(dy));
    }

    /**
     * Adds to the gradient of the weight, if it is trained.
     *
     * @param x {@code [n, T]}
     * @param dy the gradient of W x, {@code [m, T]}
     */
    void accumulate(GraphBuilder g, Tensor x, Tensor dy) {
        if (gradient != null) {
            g.compute(g.addInPlace(gradient, g.multiplyMatrices(turned(g, x), turned(g, dy))));
        }
    }

    /** Copies of f32 cost little compared with a product, which is several times as fast as the outer product. */
    private static Tensor turned(GraphBuilder g, Tensor a) {
        return g.contiguous(g.transpose(a));
    }
}
