package io.lethean.lem.train;

import io.lethean.lem.ggml.GraphBuilder;
import io.lethean.lem.ggml.Tensor;
import io.lethean.lem.gguf.GgmlType;
import org.jspecify.annotations.Nullable;

/**
 * A frozen weight {@code W [n, m]} and the two ways from the gradient of {@code W x} back to that of {@code x}.
 *
 * @param matrix of any type
 * @param transposed {@code [m, n]}, stored; null to expand the matrix in each step instead, slower and without the
 *     memory
 * @param everyRow the indices 0 to m-1, for expanding the matrix; null if it is f32 or a transpose is stored
 */
record FrozenMatrix(Tensor matrix, @Nullable Tensor transposed, @Nullable Tensor everyRow) {

    /** The gradient of x. */
    Tensor backward(GraphBuilder g, Tensor dy) {
        if (transposed != null) {
            return g.multiplyMatrices(transposed, dy);
        }
        // Reading rows is the one way to expand a matrix that every backend has for every type.
        Tensor expanded = everyRow == null ? matrix : g.rows(matrix, everyRow);
        return g.derivatives().outerProduct(expanded, g.transpose(dy));
    }

    boolean needsExpanding() {
        return transposed == null && matrix.type() != GgmlType.F32;
    }
}
