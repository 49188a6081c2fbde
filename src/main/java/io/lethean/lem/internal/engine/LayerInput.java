package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.GraphBuilder;
import io.lethean.lem.internal.ggml.Tensor;
import java.util.List;

/**
 * How a layer adds its own input p to its result: {@code y + norm(W (gelu(G y) * p))}. The matrices are frozen.
 *
 * @param gate G
 * @param projection W
 * @param norm of what is added
 */
record LayerInput(WeightMatrix gate, WeightMatrix projection, RmsNorm norm) {

    /**
     * The result.
     *
     * @param y {@code [d, N]}
     * @param input p, {@code [n, N]}
     * @param kept gets what {@link #backward} will need
     */
    Tensor forward(GraphBuilder g, FeedForward gelu, Tensor y, Tensor input, Activations kept) {
        Tensor gated = kept.keep(KeptActivation.INPUT_GATE, g.multiplyMatrices(gate.matrix(), y));
        Tensor hidden = gelu.forward(g, gated, input);
        Tensor out = kept.keep(KeptActivation.INPUT_OUT, g.multiplyMatrices(projection.matrix(), hidden));
        return g.add(y, norm.forward(g, out));
    }

    /**
     * The gradient of y.
     *
     * @param d the gradient of the result
     */
    Tensor backward(GraphBuilder g, FeedForward gelu, Tensor input, Activations kept, Tensor d) {
        Tensor dHidden = projection.backward(g, norm.backward(g, kept.get(KeptActivation.INPUT_OUT), d));
        FeedForward.Backward back = gelu.backward(g, kept.get(KeptActivation.INPUT_GATE), input);
        return g.sumOfProducts(
                List.of(gate.back(g, back.gradients().apply(dHidden).dGate())), d);
    }
}
