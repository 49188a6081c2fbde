package io.lethean.lem.internal.ggml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.internal.gguf.GgmlType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Products of experts against plain loops in double precision: several pieces of columns, more rows of one expert than are
 * multiplied at once, and an expert that no token chose.
 */
class ExpertOperationsIT {

    private static final int N = 256;
    private static final int M = 320;
    private static final int EXPERTS = 5;
    private static final int USED = 2;
    private static final int TOKENS = 600;
    /** No token chose it. */
    private static final int LEFT_OUT = 3;

    private final SplittableRandom random = new SplittableRandom(1);
    private final int[] chosen = chosen();

    @ParameterizedTest
    @EnumSource(
            value = GgmlType.class,
            names = {"F32", "F16", "BF16", "Q8_0", "Q4_K", "MXFP4"})
    void productsInBothTranspositionsAreThoseOfTheDefinition(GgmlType type) {
        double[] matrices = numbers(N * M * EXPERTS);
        double[] x = numbers(N * TOKENS);
        double[] dy = numbers(M * USED * TOKENS);
        double[] addend = numbers(M * TOKENS);
        for (int threads : new int[] {1, 2}) {
            float[][] found = new float[4][];
            double[] stored = run(type, threads, matrices, x, dy, addend, found);
            assertClose(found[0], forward(stored, x));
            assertClose(found[1], plus(summed(forward(stored, x), M), addend));
            assertClose(found[2], backward(stored, dy));
            assertClose(found[3], summed(backward(stored, dy), N));
        }
    }

    @Test
    void outerProductsAreThoseOfTheDefinition() {
        double[] a = numbers(N * TOKENS);
        double[] b = numbers(8 * USED * TOKENS);
        double[] expected = new double[N * 8 * EXPERTS];
        for (int row = 0; row < USED * TOKENS; row++) {
            for (int r = 0; r < 8; r++) {
                for (int i = 0; i < N; i++) {
                    expected[(chosen[row] * 8 + r) * N + i] += a[row / USED * N + i] * b[row * 8 + r];
                }
            }
        }
        try (Backend backend = Backend.cpu(2);
                TensorContext context = new TensorContext(3)) {
            Tensor first = context.tensor("a", GgmlType.F32, Shape.of(N, 1, TOKENS));
            Tensor second = context.tensor("b", GgmlType.F32, Shape.of(8, USED, TOKENS));
            Tensor choices = context.tensor("choices", GgmlType.I32, Shape.of(USED, TOKENS));
            Buffer buffer = backend.allocate(context, "operands");
            try (buffer) {
                first.set(floats(a));
                second.set(floats(b));
                choices.set(chosen);
                assertClose(compute(backend, g -> g.experts().outerProduct(first, second, choices, EXPERTS)), expected);
            }
        }
    }

    @Test
    void whatDoesNotFitIsRefused() {
        try (Backend backend = Backend.cpu(1);
                TensorContext context = new TensorContext(3)) {
            Tensor matrices = context.tensor("matrices", GgmlType.F32, Shape.of(8, 4, 3));
            Tensor x = context.tensor("x", GgmlType.F32, Shape.of(8, 3, 10));
            Tensor choices = context.tensor("choices", GgmlType.I32, Shape.of(2, 10));
            Buffer buffer = backend.allocate(context, "operands");
            try (buffer;
                    GraphGroup group = new GraphGroup(backend, Derivatives.Choice.NATIVE)) {
                GraphBuilder g = group.graph("test", 16);
                assertThatThrownBy(() -> g.experts().multiply(matrices, false, null, x, choices, null))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("'multiply by experts'");
                assertThatThrownBy(() -> g.experts().largest(x, 9)).hasMessageContaining("'largest of rows'");
            }
        }
    }

    /** Computes with the matrices in a type; returns the numbers that the type keeps. */
    private double[] run(
            GgmlType type, int threads, double[] matrices, double[] x, double[] dy, double[] addend, float[][] found) {
        try (Backend backend = Backend.cpu(threads);
                TensorContext context = new TensorContext(5);
                Arena arena = Arena.ofConfined()) {
            Tensor stored = context.tensor("matrices", type, Shape.of(N, M, EXPERTS));
            Tensor rows = context.tensor("x", GgmlType.F32, Shape.of(N, 1, TOKENS));
            Tensor gradients = context.tensor("dy", GgmlType.F32, Shape.of(M, USED, TOKENS));
            Tensor more = context.tensor("addend", GgmlType.F32, Shape.of(M, TOKENS));
            Tensor choices = context.tensor("choices", GgmlType.I32, Shape.of(USED, TOKENS));
            Buffer buffer = backend.allocate(context, "operands");
            try (buffer) {
                MemorySegment floats = arena.allocateFrom(ValueLayout.JAVA_FLOAT, floats(matrices));
                MemorySegment packed = arena.allocate(type.rowBytes(N) * M * EXPERTS, 64);
                TensorCodec codec = new TensorCodec(type);
                codec.encode(floats, packed, (long) M * EXPERTS, N);
                codec.decode(packed, floats, matrices.length);
                stored.setBytes(packed);
                rows.set(floats(x));
                gradients.set(floats(dy));
                more.set(floats(addend));
                choices.set(chosen);
                found[0] = compute(backend, g -> g.experts().multiply(stored, false, null, rows, choices, null));
                found[1] = compute(backend, g -> g.experts().multiplyAndSum(stored, false, null, rows, choices, more));
                found[2] = compute(backend, g -> g.experts().multiply(stored, true, null, gradients, choices, null));
                found[3] =
                        compute(backend, g -> g.experts().multiplyAndSum(stored, true, null, gradients, choices, null));
                return doubles(floats.toArray(ValueLayout.JAVA_FLOAT));
            }
        }
    }

    private static float[] compute(Backend backend, Function<GraphBuilder, Tensor> operation) {
        try (GraphGroup group = new GraphGroup(backend, Derivatives.Choice.NATIVE)) {
            GraphBuilder g = group.graph("test", 64);
            Tensor result = g.compute(operation.apply(g));
            group.allocate();
            backend.compute(g.graph());
            return result.floats();
        }
    }

    private double[] forward(double[] matrices, double[] x) {
        double[] y = new double[M * USED * TOKENS];
        for (int row = 0; row < USED * TOKENS; row++) {
            for (int j = 0; j < M; j++) {
                int at = (chosen[row] * M + j) * N;
                for (int i = 0; i < N; i++) {
                    y[row * M + j] += matrices[at + i] * x[row / USED * N + i];
                }
            }
        }
        return y;
    }

    private double[] backward(double[] matrices, double[] dy) {
        double[] dx = new double[N * USED * TOKENS];
        for (int row = 0; row < USED * TOKENS; row++) {
            for (int j = 0; j < M; j++) {
                int at = (chosen[row] * M + j) * N;
                for (int i = 0; i < N; i++) {
                    dx[row * N + i] += matrices[at + i] * dy[row * M + j];
                }
            }
        }
        return dx;
    }

    private static double[] summed(double[] rows, int width) {
        double[] sums = new double[rows.length / USED];
        for (int i = 0; i < rows.length; i++) {
            sums[i / (width * USED) * width + i % width] += rows[i];
        }
        return sums;
    }

    private static double[] plus(double[] a, double[] b) {
        double[] sum = a.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += b[i];
        }
        return sum;
    }

    private static void assertClose(float[] found, double[] expected) {
        assertThat(found).hasSameSizeAs(expected);
        double difference = 0;
        double size = 0;
        for (int i = 0; i < found.length; i++) {
            difference = Math.max(difference, Math.abs(found[i] - expected[i]));
            size = Math.max(size, Math.abs(expected[i]));
        }
        assertThat(difference).isLessThan(2e-6 * size);
    }

    /** Most rows go to the first expert. */
    private int[] chosen() {
        int[] all = new int[USED * TOKENS];
        for (int token = 0; token < TOKENS; token++) {
            all[token * USED] = token % 7 == 0 ? 4 : 0;
            all[token * USED + 1] = token % 2 == 0 ? 1 : 2;
        }
        assertThat(all).doesNotContain(LEFT_OUT);
        return all;
    }

    private double[] numbers(int length) {
        return doubles(floats(random.doubles(length, -1, 1).toArray()));
    }

    private static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    private static double[] doubles(float[] values) {
        double[] doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }
}
