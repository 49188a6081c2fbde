package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.FusedOperations;
import io.lethean.lem.internal.ggml.GraphBuilder;
import io.lethean.lem.internal.ggml.Tensor;
import io.lethean.lem.internal.gguf.Architecture;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * The gated activation {@code act(gate) * up} between the projections of the feed-forward part (Shazeer 2020).
 *
 * @param activation the function of the gate
 * @param tabled true to read GELU from ggml's table of half precision in the forward pass, as llama.cpp does on the
 *     CPU; false to compute it
 */
record FeedForward(Architecture.Activation activation, boolean tabled) {

    /** GELU's tanh form is x * sigmoid(x * (C0 + C1 x^2)) (Hendrycks and Gimpel 2016). */
    private static final float C0 = (float) (2 * Math.sqrt(2 / Math.PI));

    private static final float C1 = 0.044715f * C0;

    /** Of the gate of GPT-OSS. */
    private static final float ALPHA = 1.702f;

    private static final float LIMIT = 7;

    /**
     * What the backward pass computes again of the gate.
     *
     * @param active the activation function of the gate
     * @param slope its derivative times a gradient: a function of that gradient
     */
    private record Again(Tensor active, UnaryOperator<Tensor> slope) {}

    /** The gradients of gate and up. */
    record Gradients(Tensor dGate, Tensor dUp) {}

    /** The product {@code act(gate) * up}, and the gradients of gate and up once that of the product is known. */
    record Backward(Tensor hidden, Function<Tensor, Gradients> gradients) {}

    Tensor forward(GraphBuilder g, Tensor gate, Tensor up) {
        return switch (activation) {
            case SILU -> g.swiGlu(gate, up);
            case CLAMPED_SILU -> g.clampedGate(gate, up, ALPHA, LIMIT);
            case GELU -> tabled ? g.geGlu(gate, up) : computedGelu(g, gate, up);
        };
    }

    private static Tensor computedGelu(GraphBuilder g, Tensor gate, Tensor up) {
        return g.fused()
                .map(fused -> fused.geluGate(gate, up))
                .orElseGet(() -> g.multiply(gelu(g, gate).active(), up));
    }

    Backward backward(GraphBuilder g, Tensor gate, Tensor up) {
        return g.fused().map(fused -> fusedBackward(g, fused, gate, up)).orElseGet(() -> composedBackward(g, gate, up));
    }

    private Backward fusedBackward(GraphBuilder g, FusedOperations fused, Tensor gate, Tensor up) {
        return switch (activation) {
            case SILU -> new Backward(g.swiGlu(gate, up), d -> gradients(fused.siluGateBack(gate, up, d)));
            case GELU -> new Backward(fused.geluGate(gate, up), d -> gradients(fused.geluGateBack(gate, up, d)));
            case CLAMPED_SILU ->
                new Backward(
                        g.clampedGate(gate, up, ALPHA, LIMIT),
                        d -> gradients(fused.clampedGateBack(gate, up, d, ALPHA, LIMIT)));
        };
    }

    private static Gradients gradients(FusedOperations.GateGradients both) {
        return new Gradients(both.dGate(), both.dUp());
    }

    private Backward composedBackward(GraphBuilder g, Tensor gate, Tensor up) {
        if (activation == Architecture.Activation.CLAMPED_SILU) {
            return composedClampedBackward(g, gate, up);
        }
        Again again = switch (activation) {
            case SILU -> new Again(g.silu(gate), d -> g.derivatives().silu(d, gate));
            case GELU -> gelu(g, gate);
            case CLAMPED_SILU -> throw new IllegalStateException("The clamped gate has a derivative of its own.");
        };
        return new Backward(
                g.multiply(again.active(), up),
                dy -> new Gradients(again.slope().apply(g.multiply(dy, up)), g.multiply(dy, again.active())));
    }

    /** With x and y the clamped gate and up, s = sigmoid(ALPHA x): x s (y + 1), and slopes of zero where they are clamped. */
    private static Backward composedClampedBackward(GraphBuilder g, Tensor gate, Tensor up) {
        Tensor x = g.clamp(g.scale(gate, 1), Float.NEGATIVE_INFINITY, LIMIT);
        Tensor y = g.scale(g.clamp(g.scale(up, 1), -LIMIT, LIMIT), 1, 1);
        Tensor s = g.sigmoid(g.scale(x, ALPHA));
        Tensor active = g.multiply(x, s);
        return new Backward(g.multiply(active, y), d -> {
            Tensor slope = g.multiply(s, g.scale(g.multiply(x, g.scale(s, -ALPHA, ALPHA)), 1, 1));
            Tensor dGate = g.multiply(g.multiply(d, y), g.multiply(slope, g.step(g.scale(gate, -1, LIMIT))));
            Tensor free = g.multiply(g.step(g.scale(up, -1, LIMIT)), g.step(g.scale(up, 1, LIMIT)));
            return new Gradients(dGate, g.multiply(g.multiply(d, active), free));
        });
    }

    /** With s = sigmoid(x * (C0 + C1 x^2)): gelu = x * s, gelu' = s * (1 + x * (1 - s) * (C0 + 3 C1 x^2)). */
    private static Again gelu(GraphBuilder g, Tensor x) {
        Tensor square = g.square(x);
        Tensor s = g.sigmoid(g.multiply(x, g.scale(square, C1, C0)));
        return new Again(g.multiply(x, s), d -> {
            Tensor inner = g.multiply(x, g.scale(square, 3 * C1, C0));
            return g.multiply(d, g.multiply(s, g.scale(g.multiply(inner, g.scale(s, -1, 1)), 1, 1)));
        });
    }
}
