package io.lethean.lem.internal.ggml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.DeviceUnavailableException;
import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.gguf.GgmlType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Mistakes that would end the process inside ggml are exceptions here. */
class GraphBuilderIT {

    private final Backend backend = Backend.cpu(1);
    private final TensorContext context = new TensorContext(8);
    private final Tensor matrix = context.tensor("matrix", GgmlType.F32, Shape.of(8, 4));
    private final Tensor other = context.tensor("other", GgmlType.F32, Shape.of(6, 4));
    private final Tensor quantized = context.tensor("quantized", GgmlType.Q8_0, Shape.of(32, 4));
    private final Tensor indices = context.tensor("indices", GgmlType.I32, Shape.of(3));
    private final Buffer buffer = backend.allocate(context, "operands");
    private final GraphGroup group = new GraphGroup(backend, Derivatives.Choice.NATIVE);
    private final GraphBuilder g = group.graph("test", 16);

    @AfterEach
    void close() {
        group.close();
        buffer.close();
        context.close();
        backend.close();
    }

    @Test
    void shapesThatDoNotFitAreRefusedWithBothTensors() {
        assertThatThrownBy(() -> g.multiplyMatrices(matrix, other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("The operation 'multiply matrices' does not fit matrix [8, 4] f32 and other [6, 4] f32"
                        + " in the graph test.");
        assertThatThrownBy(() -> g.add(matrix, other)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> g.derivatives().rmsNorm(matrix, other, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> g.reshape(matrix, Shape.of(31))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> g.setRows(matrix, matrix, indices)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void typesThatDoNotFitAreRefused() {
        assertThatThrownBy(() -> g.square(quantized)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> g.rows(matrix, other)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> g.silu(indices)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void transposedOperandsAreRefusedWhereTheKernelNeedsOrder() {
        Tensor transposed = g.transpose(matrix);
        assertThatThrownBy(() -> g.scale(transposed, 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> g.multiplyMatrices(g.transpose(quantized), matrix))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** The CPU's kernel for the gradient of softmax knows no position bias; without the question it would abort. */
    @Test
    void anOperationWithoutAKernelIsRefusedByName() {
        assertThatThrownBy(
                        () -> g.node(LlamaCpp.ggml_soft_max_ext_back(g.add(), matrix.handle(), matrix.handle(), 1, 8)))
                .isInstanceOf(DeviceUnavailableException.class)
                .hasMessageStartingWith(
                        "The device CPU does not implement the operation SOFT_MAX_BACK that makes [8, 4]"
                                + " f32 in the graph test");
    }

    @Test
    void aGraphThatOutgrowsItsCapacityIsRefused() {
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 17; i++) {
                        g.square(matrix);
                    }
                })
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("16");
    }

    @Test
    void aGraphWithoutMemoryIsNotComputed() {
        g.compute(g.square(matrix));
        assertThatThrownBy(() -> backend.compute(g.graph()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no memory yet");
    }

    @Test
    void aGraphAfterTheGroupHasItsMemoryIsRefused() {
        g.compute(g.square(matrix));
        group.allocate();
        assertThatThrownBy(() -> group.graph("late", 8)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(group::allocate).isInstanceOf(IllegalStateException.class);
    }

    /** Without measuring all graphs first, the second one would move the memory away under the first. */
    @Test
    void aSmallGraphBeforeALargeOneStillComputes() {
        try (GraphGroup both = new GraphGroup(backend, Derivatives.Choice.NATIVE)) {
            matrix.set(new float[] {
                1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8
            });
            GraphBuilder small = both.graph("small", 8);
            Tensor sum = small.compute(small.sumRows(matrix));
            GraphBuilder large = both.graph("large", 8);
            large.compute(large.derivatives()
                    .outerProduct(large.reshape(matrix, Shape.of(32)), large.reshape(matrix, Shape.of(32))));
            both.allocate();
            backend.compute(small.graph());
            assertThat(sum.floats()).containsExactly(36, 36, 36, 36);
            assertThat(both.bytes()).isGreaterThanOrEqualTo(32 * 32 * 4);
        }
    }

    @Test
    void anUnknownDeviceIsRefusedByName() {
        assertThatThrownBy(() -> Backend.named("Abacus0", 1))
                .isInstanceOf(DeviceUnavailableException.class)
                .hasMessageContaining("Abacus0");
    }

    @Test
    void moreThreadsThanCoresAreRefused() {
        int cores = Runtime.getRuntime().availableProcessors();
        assertThatThrownBy(() -> Backend.cpu(cores + 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Backend.cpu(0)).isInstanceOf(IllegalArgumentException.class);
    }
}
