package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.GraphBuilder;
import io.lethean.lem.internal.ggml.Product;
import io.lethean.lem.internal.ggml.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A weight {@code W [n, m]}, the way from the gradient of {@code W x} back to that of {@code x}, and the gradient of the
 * weight itself where it is trained.
 *
 * @param matrix of any type; f32 where it is trained
 * @param everyRow the indices 0 to m-1, for expanding the matrix where products do not take its type; else null
 * @param gradient same shape as the matrix; null if it is frozen
 */
record WeightMatrix(
        Tensor matrix, @Nullable Tensor everyRow, @Nullable Tensor gradient) {

    /** A matrix that stays as it is. */
    static WeightMatrix frozen(Tensor matrix, @Nullable Tensor everyRow) {
        return new WeightMatrix(matrix, everyRow, null);
    }

    /** A matrix that changes in every step. */
    static WeightMatrix trained(Trainable.Parameter parameter) {
        return new WeightMatrix(parameter.value(), null, parameter.gradient());
    }

    /** The gradient of x, as a product. */
    Product back(GraphBuilder g, Tensor dy) {
        return Product.ofTransposed(everyRow == null ? matrix : g.rows(matrix, everyRow), dy);
    }

    /** The gradient of x. */
    Tensor backward(GraphBuilder g, Tensor dy) {
        return g.sumOfProducts(List.of(back(g, dy)), null);
    }

    /**
     * Adds to the gradient of the weight, if it is trained.
     *
     * @param x {@code [n, T]}
     * @param dy the gradient of W x, {@code [m, T]}
     */
    void accumulate(GraphBuilder g, Tensor x, Tensor dy) {
        if (gradient != null) {
            g.compute(g.addInPlace(gradient, g.derivatives().outerProduct(x, dy)));
        }
    }
}
