package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.Backend;
import io.lethean.lem.internal.ggml.Buffer;
import io.lethean.lem.internal.ggml.Derivatives;
import io.lethean.lem.internal.ggml.Graph;
import io.lethean.lem.internal.ggml.GraphBuilder;
import io.lethean.lem.internal.ggml.GraphGroup;
import io.lethean.lem.internal.ggml.Shape;
import io.lethean.lem.internal.ggml.Tensor;
import io.lethean.lem.internal.ggml.TensorContext;
import io.lethean.lem.internal.gguf.GgmlType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Owns the inverse norms of the rows of {@code W + scale * B A} for every adapted matrix, without ever having that sum
 * in memory.
 *
 * <p>With w, b the rows of W and B, the square is {@code |w|^2 + 2 scale b (A w) + scale^2 b (A A') b'}. The product A W'
 * costs as much as {@code rank} tokens; the rest is done here in double precision.
 */
final class RowNorms implements AutoCloseable {

    private final Backend backend;
    private final TensorContext context;
    private final Buffer buffer;
    private final GraphGroup group;
    private final Graph graph;
    private final List<Row> matrices = new ArrayList<>();
    private final Map<String, Tensor> inverse = new HashMap<>();

    /**
     * One adapted matrix.
     *
     * @param squares the square of each row's norm in the base
     * @param products A W', {@code [m, r]}
     */
    private record Row(Matrix matrix, double[] squares, Tensor products, Tensor inverse) {}

    /**
     * A matrix with its update.
     *
     * @param weight {@code [n, m]} of any type
     * @param a {@code [n, r]}
     * @param b {@code [m, r]}
     */
    record Matrix(String name, Tensor weight, Tensor a, Tensor b) {}

    /** @param squares of a matrix's name: the square of each row's norm in the base */
    RowNorms(List<Matrix> adapted, Map<String, double[]> squares, Backend backend) {
        this.backend = backend;
        context = new TensorContext(2 * adapted.size());
        for (Matrix matrix : adapted) {
            long outputs = matrix.b().shape().n0();
            Row row = new Row(
                    matrix,
                    Objects.requireNonNull(squares.get(matrix.name())),
                    context.tensor(
                            "A W' of " + matrix.name(),
                            GgmlType.F32,
                            Shape.of(outputs, matrix.b().shape().n1())),
                    context.tensor("inverse norms of " + matrix.name(), GgmlType.F32, Shape.of(outputs)));
            matrices.add(row);
            inverse.put(matrix.name(), row.inverse());
        }
        buffer = backend.allocate(context, "the norms of the adapted rows");
        group = new GraphGroup(backend, Derivatives.Choice.NATIVE);
        GraphBuilder g = group.graph("norms of the adapted rows", 4 * adapted.size() + 8);
        for (Row row : matrices) {
            Tensor product =
                    g.multiplyMatrices(row.matrix().weight(), row.matrix().a());
            buffer.placeOver(g.compute(product), row.products());
        }
        graph = g.graph();
        group.allocate();
    }

    /** 1 / norm of each row of an adapted matrix, {@code [m]}. */
    Tensor inverse(String name) {
        return Objects.requireNonNull(inverse.get(name), name);
    }

    /** Computes the norms for the present values of A and B. A row of zeros has 0 as the inverse of its norm. */
    void update(float scale) {
        backend.compute(graph);
        for (Row row : matrices) {
            row.inverse().set(inverse(row, scale));
        }
    }

    private static float[] inverse(Row row, float scale) {
        int rank = (int) row.matrix().a().shape().n1();
        int outputs = row.squares().length;
        float[] b = row.matrix().b().floats();
        float[] products = row.products().floats();
        double[] inner = inner(row.matrix().a().floats(), rank);
        float[] inverse = new float[outputs];
        for (int output = 0; output < outputs; output++) {
            double linear = 0;
            double quadratic = 0;
            for (int i = 0; i < rank; i++) {
                double bi = b[i * outputs + output];
                linear += bi * products[i * outputs + output];
                for (int j = 0; j < rank; j++) {
                    quadratic += bi * b[j * outputs + output] * inner[i * rank + j];
                }
            }
            double square = row.squares()[output] + 2.0 * scale * linear + (double) scale * scale * quadratic;
            inverse[output] = square > 0 ? (float) (1 / Math.sqrt(square)) : 0;
        }
        return inverse;
    }

    /** A A'. */
    private static double[] inner(float[] a, int rank) {
        int columns = a.length / rank;
        double[] inner = new double[rank * rank];
        for (int i = 0; i < rank; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = 0;
                for (int column = 0; column < columns; column++) {
                    sum += (double) a[i * columns + column] * a[j * columns + column];
                }
                inner[i * rank + j] = sum;
                inner[j * rank + i] = sum;
            }
        }
        return inner;
    }

    long bytes() {
        return buffer.bytes() + group.bytes();
    }

    @Override
    public void close() {
        group.close();
        buffer.close();
        context.close();
    }
}
