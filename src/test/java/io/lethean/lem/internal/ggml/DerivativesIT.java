package io.lethean.lem.internal.ggml;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.gguf.GgmlType;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Composed operations against the kernels that they stand in for, and the trap that makes one of them wrong. */
class DerivativesIT {

    private static final int WIDTH = 48;
    private static final int ROWS = 20;

    private final Backend backend = Backend.named(System.getProperty("lem.test.device", "CPU"), 1);
    private final TensorContext context = new TensorContext(4);
    private final Tensor a = context.tensor("a", GgmlType.F32, Shape.of(WIDTH, ROWS));
    private final Tensor b = context.tensor("b", GgmlType.F32, Shape.of(WIDTH, ROWS));
    private final Tensor mask = context.tensor("mask", GgmlType.F32, Shape.of(WIDTH, ROWS));
    private final Buffer buffer = backend.allocate(context, "operands");

    {
        SplittableRandom random = new SplittableRandom(1);
        a.set(random(random));
        b.set(random(random));
    }

    @AfterEach
    void close() {
        buffer.close();
        context.close();
        backend.close();
    }

    @Test
    void outerProductComposedEqualsTheKernel() {
        assertComposedEqualsKernel(g -> g.derivatives().outerProduct(a, b), 1e-5f);
    }

    @Test
    void gradientOfRmsNormComposedEqualsTheKernel() {
        assertComposedEqualsKernel(g -> g.derivatives().rmsNorm(a, b, 1e-5f), 1e-6f);
    }

    @Test
    void gradientOfSiluComposedEqualsTheKernel() {
        assertComposedEqualsKernel(g -> g.derivatives().silu(a, b), 1e-6f);
    }

    @Test
    void gradientOfRepeatingComposedEqualsTheKernel() {
        assertComposedEqualsKernel(
                g -> g.derivatives().repeat(a, g.reshape(g.firstRows(b, 1), Shape.of(WIDTH))), 1e-5f);
    }

    @Test
    void gradientOfSoftMaxComposedEqualsTheKernel() {
        assertComposedEqualsKernel(g -> g.derivatives().softMax(g.scale(a, 1), g.softMax(b, mask, 0.3f), 0.3f), 1e-7f);
    }

    /**
     * The guarded case: the probabilities' last use is the gradient. Without the rule the allocator overwrites them.
     */
    @Test
    void gradientOfSoftMaxLeftToTheAllocatorIsWrong() {
        float[] right = run(
                Derivatives.Choice.COMPOSED,
                g -> g.derivatives().softMax(g.scale(a, 1), g.softMax(b, mask, 0.3f), 0.3f));
        float[] guarded = run(
                Derivatives.Choice.NATIVE, g -> g.derivatives().softMax(g.scale(a, 1), g.softMax(b, mask, 0.3f), 0.3f));
        float[] unguarded = run(Derivatives.Choice.NATIVE, g -> {
            Tensor p = g.softMax(b, mask, 0.3f);
            return g.node(LlamaCpp.ggml_soft_max_ext_back(g.add(), a.handle(), p.handle(), 0.3f, 0));
        });
        assertThat(largestDifference(guarded, right)).isLessThan(1e-7f);
        assertThat(largestDifference(unguarded, right)).isGreaterThan(1e-3f);
    }

    private void assertComposedEqualsKernel(Function<GraphBuilder, Tensor> operation, float bound) {
        float[] kernel = run(Derivatives.Choice.NATIVE, operation);
        float[] composed = run(Derivatives.Choice.COMPOSED, operation);
        assertThat(largestDifference(kernel, composed)).isLessThan(bound);
        assertThat(largestDifference(kernel, new float[kernel.length])).isGreaterThan(1e-3f);
    }

    private float[] run(Derivatives.Choice choice, Function<GraphBuilder, Tensor> operation) {
        try (GraphGroup group = new GraphGroup(backend, choice)) {
            GraphBuilder g = group.graph("test", 64);
            // The copy keeps the result out of the memory that the allocator shares.
            Tensor result = g.compute(g.scale(operation.apply(g), 1));
            group.allocate();
            backend.compute(g.graph());
            return result.floats();
        }
    }

    private static float[] random(SplittableRandom random) {
        float[] numbers = new float[WIDTH * ROWS];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) random.nextDouble(-1, 1);
        }
        return numbers;
    }

    private static float largestDifference(float[] one, float[] other) {
        float largest = 0;
        for (int i = 0; i < one.length; i++) {
            largest = Math.max(largest, Math.abs(one[i] - other[i]));
        }
        return largest;
    }
}
