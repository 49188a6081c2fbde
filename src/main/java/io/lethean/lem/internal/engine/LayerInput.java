package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.GraphBuilder;
import io.lethean.lem.internal.ggml.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a layer adds its own input p to its result: {@code y + norm(W (gelu(G y) * p))}.
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

    /** The result, from what {@link #forward} kept. */
    Tensor again(GraphBuilder g, Tensor y, Activations kept) {
        return g.add(y, norm.forward(g, kept.get(KeptActivation.INPUT_OUT)));
    }

    /**
     * What the backward pass changes in addition where the layer's own input is trained.
     *
     * @param y what {@link #forward} read
     * @param dInput gets the gradient of p
     */
    record Trained(Tensor y, Tensor dInput) {}

    /**
     * The gradient of y; adds to those of the matrices and the norm, if they are trained.
     *
     * @param d the gradient of the result
     * @param trained null if the layer's own input is frozen
     */
    Tensor backward(
            GraphBuilder g, FeedForward gelu, Tensor input, Activations kept, Tensor d, @Nullable Trained trained) {
        Tensor dOut = norm.backward(g, kept.get(KeptActivation.INPUT_OUT), d);
        FeedForward.Backward back = gelu.backward(g, kept.get(KeptActivation.INPUT_GATE), input);
        FeedForward.Gradients gradients = back.gradients().apply(projection.backward(g, dOut));
        if (trained != null) {
            projection.accumulate(g, back.hidden(), dOut);
            gate.accumulate(g, trained.y(), gradients.dGate());
            g.compute(g.addInPlace(trained.dInput(), gradients.dUp()));
        }
        return g.sumOfProducts(List.of(gate.back(g, gradients.dGate())), d);
    }
}
