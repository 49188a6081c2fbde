package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.GraphBuilder;
import io.lethean.lem.internal.ggml.Tensor;

/**
 * {@code y = cap * tanh(scale * x / cap)}, as Gemma 2 bounds its scores and logits.
 *
 * <p>Written with the sigmoid, tanh(u) = 2 sigmoid(2u) - 1, because the CPU computes that ten times as fast.
 */
final class SoftCap {

    private SoftCap() {}

    static Tensor forward(GraphBuilder g, Tensor x, float scale, float cap) {
        return g.scale(g.sigmoid(g.scale(x, 2 * scale / cap)), 2 * cap, -cap);
    }

    /** The gradient of x: {@code dy * scale * (1 - (y / cap)^2)}. */
    static Tensor backward(GraphBuilder g, Tensor y, Tensor dy, float scale, float cap) {
        return g.multiply(dy, g.scale(g.square(g.scale(y, 1 / cap)), -scale, scale));
    }
}
