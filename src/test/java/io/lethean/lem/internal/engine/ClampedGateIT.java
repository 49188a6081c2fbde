package io.lethean.lem.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.internal.ggml.Backend;
import io.lethean.lem.internal.ggml.Buffer;
import io.lethean.lem.internal.ggml.Derivatives;
import io.lethean.lem.internal.ggml.GraphBuilder;
import io.lethean.lem.internal.ggml.GraphGroup;
import io.lethean.lem.internal.ggml.Shape;
import io.lethean.lem.internal.ggml.Tensor;
import io.lethean.lem.internal.ggml.TensorContext;
import io.lethean.lem.internal.gguf.Architecture;
import io.lethean.lem.internal.gguf.GgmlType;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The gate of GPT-OSS and its gradients on both sides of its limits, which random models do not reach. */
class ClampedGateIT {

    private static final int WIDTH = 64;
    private static final int ROWS = 30;
    private static final double H = 1e-6;
    private static final double LIMIT = 7;

    @ParameterizedTest
    @EnumSource(Derivatives.Choice.class)
    void gradientsAreThoseOfTheDefinition(Derivatives.Choice choice) {
        SplittableRandom random = new SplittableRandom(7);
        float[] gate = numbers(random, 12);
        float[] up = numbers(random, 12);
        float[] d = numbers(random, 1);
        FeedForward activation = new FeedForward(Architecture.Activation.CLAMPED_SILU, false);
        try (Backend backend = Backend.cpu(1);
                TensorContext context = new TensorContext(3)) {
            Tensor gates = context.tensor("gate", GgmlType.F32, Shape.of(WIDTH, ROWS));
            Tensor ups = context.tensor("up", GgmlType.F32, Shape.of(WIDTH, ROWS));
            Tensor ds = context.tensor("d", GgmlType.F32, Shape.of(WIDTH, ROWS));
            Buffer buffer = backend.allocate(context, "operands");
            try (buffer;
                    GraphGroup group = new GraphGroup(backend, choice)) {
                gates.set(gate);
                ups.set(up);
                ds.set(d);
                GraphBuilder g = group.graph("test", 64);
                FeedForward.Backward back = activation.backward(g, gates, ups);
                FeedForward.Gradients gradients = back.gradients().apply(ds);
                Tensor y = g.compute(g.scale(activation.forward(g, gates, ups), 1));
                Tensor again = g.compute(g.scale(back.hidden(), 1));
                Tensor dGate = g.compute(g.scale(gradients.dGate(), 1));
                Tensor dUp = g.compute(g.scale(gradients.dUp(), 1));
                group.allocate();
                backend.compute(g.graph());
                float[] result = y.floats();
                float[] hidden = again.floats();
                float[] forGate = dGate.floats();
                float[] forUp = dUp.floats();
                for (int i = 0; i < gate.length; i++) {
                    double slopeOfGate = (value(gate[i] + H, up[i]) - value(gate[i] - H, up[i])) / (2 * H);
                    double slopeOfUp = (value(gate[i], up[i] + H) - value(gate[i], up[i] - H)) / (2 * H);
                    assertThat(Math.abs(result[i] - value(gate[i], up[i]))).isLessThan(2e-5);
                    assertThat(Math.abs(hidden[i] - value(gate[i], up[i]))).isLessThan(2e-5);
                    assertThat(Math.abs(forGate[i] - d[i] * slopeOfGate)).isLessThan(2e-5);
                    assertThat(Math.abs(forUp[i] - d[i] * slopeOfUp)).isLessThan(2e-5);
                }
            }
        }
    }

    private static double value(double gate, double up) {
        double x = Math.min(gate, LIMIT);
        return x / (1 + Math.exp(-1.702 * x)) * (Math.max(-LIMIT, Math.min(LIMIT, up)) + 1);
    }

    private static float[] numbers(SplittableRandom random, double bound) {
        float[] numbers = new float[WIDTH * ROWS];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) random.nextDouble(-bound, bound);
        }
        return numbers;
    }
}
