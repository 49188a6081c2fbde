package io.lethean.lem.train;

import io.lethean.lem.ggml.GraphBuilder;
import io.lethean.lem.ggml.Tensor;

/**
 * The gated activation {@code act(gate) * up} between the projections of the feed-forward part (Shazeer 2020).
 *
 * @param activation the function of the gate
 * @param tabled true to read GELU from ggml's table of half precision in the forward pass, as llama.cpp does on the CPU;
 *     false to compute it
 */
record FeedForward(DecoderSpec.Activation activation, boolean tabled) {

    /** GELU's tanh form is x * sigmoid(x * (C0 + C1 x^2)) (Hendrycks and Gimpel 2016). */
    private static final float C0 = (float) (2 * Math.sqrt(2 / Math.PI));

    private static final float C1 = 0.044715f * C0;

    /** The gradients of gate and up. */
    record Gradients(Tensor dGate, Tensor dUp) {}

    Tensor forward(GraphBuilder g, Tensor gate, Tensor up) {
        return switch (activation) {
            case SILU -> g.swiGlu(gate, up);
            case GELU -> tabled ? g.geGlu(gate, up) : g.multiply(g.multiply(gate, gelu(g, gate)), up);
        };
    }

    /** @param dy the gradient of what {@link #forward} returned */
    Gradients backward(GraphBuilder g, Tensor gate, Tensor up, Tensor dy) {
        Tensor dActive = g.multiply(dy, up);
        return switch (activation) {
            case SILU -> new Gradients(g.derivatives().silu(dActive, gate), g.multiply(dy, g.silu(gate)));
            case GELU -> gelu(g, gate, dActive, dy);
        };
    }

    /** With s the sigmoid: gelu' = s * (1 + x * (1 - s) * (C0 + 3 C1 x^2)). */
    private static Gradients gelu(GraphBuilder g, Tensor x, Tensor dActive, Tensor dy) {
        Tensor s = gelu(g, x);
        Tensor inner = g.multiply(x, g.scale(g.square(x), 3 * C1, C0));
        Tensor slope = g.multiply(s, g.scale(g.multiply(inner, g.scale(s, -1, 1)), 1, 1));
        return new Gradients(g.multiply(dActive, slope), g.multiply(dy, g.multiply(x, s)));
    }

    /** What x is multiplied with: sigmoid(x * (C0 + C1 x^2)). */
    private static Tensor gelu(GraphBuilder g, Tensor x) {
        return g.sigmoid(g.multiply(x, g.scale(g.square(x), C1, C0)));
    }
}
