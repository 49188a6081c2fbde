package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.ExpertOperations;
import io.lethean.lem.internal.ggml.GraphBuilder;
import io.lethean.lem.internal.ggml.Product;
import io.lethean.lem.internal.ggml.Shape;
import io.lethean.lem.internal.ggml.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A feed-forward part that is a mixture of experts (Shazeer et al. 2017). A router scores the experts, and each token goes
 * through those with the highest scores:
 *
 * <pre>
 * y = sum over chosen e of p_e (Wdown_e (act(Wgate_e m) * Wup_e m) + b_e)      p = softmax of the chosen scores of Wrouter m
 * </pre>
 *
 * <p>A softmax over all scores, of which the chosen part is divided by its sum, is the same as the softmax of the chosen scores. The
 * choice itself has no gradient: it is constant until two scores change places.
 *
 * @param used experts per token
 * @param router to the scores, {@code [experts, N]}
 * @param gate with its biases, and so on
 * @param up null if the gate's matrices have the rows of up after their own
 * @param downFactor of each expert's down projection without its update, {@code [experts]}; null for 1
 */
record Mixture(
        int used,
        Projection router,
        Biased gate,
        @Nullable Biased up,
        Biased down,
        @Nullable WeightVector downFactor) {

    /**
     * Matrices of experts with their biases.
     *
     * @param projection the matrices
     * @param bias {@code [m, experts]}; null without biases
     */
    record Biased(ExpertProjection projection, @Nullable WeightVector bias) {

        Tensor forward(GraphBuilder g, Tensor x, Tensor choices, Activations kept) {
            Tensor y = projection.forward(g, x, choices, kept);
            return bias == null ? y : g.experts().addVectors(y, bias.vector(), choices);
        }
    }

    /** What both directions compute of the router's scores: which experts, and with which weights, {@code [used, N]}. */
    private record Routing(Tensor choices, Tensor weights) {}

    private Routing route(GraphBuilder g, Tensor scores) {
        // llama.cpp chooses by the probabilities, too: equal rounding, equal choice.
        Tensor choices = g.experts().largest(g.softMax(scores), used);
        return new Routing(choices, g.softMax(g.experts().pick(scores, choices)));
    }

    private ExpertProjection.@Nullable Factors factors(GraphBuilder g, Tensor scores, Tensor choices) {
        return downFactor == null ? null : ExpertProjection.Factors.of(g, downFactor, choices, scores);
    }

    /** The results of the gate and up projections, {@code [n, used, N]} each. */
    private record Gated(Tensor gate, Tensor up) {}

    private Gated gated(GraphBuilder g, Activations kept) {
        Tensor gate = kept.get(KeptActivation.GATE);
        if (up != null) {
            return new Gated(gate, kept.get(KeptActivation.UP));
        }
        long half = gate.shape().n0() / 2;
        return new Gated(g.contiguous(g.slice(gate, 0, 0, half)), g.contiguous(g.slice(gate, 0, half, half)));
    }

    /**
     * The result, added to the residual.
     *
     * @param m what the experts read, {@code [d, N]}
     * @param r what the router reads, {@code [d, N]}; often the same
     * @param activation between the projections
     * @param kept gets what {@link #backward} will need
     * @param residual null for nothing
     */
    Tensor forward(
            GraphBuilder g, Tensor m, Tensor r, FeedForward activation, Activations kept, @Nullable Tensor residual) {
        Tensor scores = kept.keep(KeptActivation.ROUTER, router.forward(g, r, null, kept, null));
        Routing routing = route(g, scores);
        Tensor x = perToken(g, m);
        Tensor choices = routing.choices();
        kept.keep(KeptActivation.GATE, gate.forward(g, x, choices, kept));
        if (up != null) {
            kept.keep(KeptActivation.UP, up.forward(g, x, choices, kept));
        }
        Gated gated = gated(g, kept);
        Tensor hidden = weighted(g, activation.forward(g, gated.gate(), gated.up()), routing.weights());
        return down.projection()
                .forwardSum(
                        g, hidden, choices, factors(g, scores, choices), kept, biased(g, residual, scores, routing));
    }

    /** The addend with the weighted biases of the down projection. */
    private @Nullable Tensor biased(GraphBuilder g, @Nullable Tensor addend, Tensor scores, Routing routing) {
        WeightVector bias = down.bias();
        return bias == null
                ? addend
                : g.sumOfProducts(
                        List.of(Product.ofTransposed(bias.vector(), spreadWeights(g, scores, routing))), addend);
    }

    private static Tensor spreadWeights(GraphBuilder g, Tensor scores, Routing routing) {
        return g.experts().spread(routing.weights(), routing.choices(), scores);
    }

    /**
     * Adds to the gradients of what is trained.
     *
     * @param m what the experts read in {@link #forward}
     * @param r what the router read
     * @param activation between the projections
     * @param kept what {@link #forward} kept
     * @param dy the gradient of its result, {@code [d, N]}
     * @param dr gets the gradient of r
     * @return the gradient of m
     */
    Tensor backward(
            GraphBuilder g, Tensor m, Tensor r, FeedForward activation, Activations kept, Tensor dy, ProductSum dr) {
        ExpertOperations experts = g.experts();
        Tensor scores = kept.get(KeptActivation.ROUTER);
        Routing routing = route(g, scores);
        Tensor choices = routing.choices();
        Gated gated = gated(g, kept);
        FeedForward.Backward back = activation.backward(g, gated.gate(), gated.up());
        Tensor hidden = weighted(g, back.hidden(), routing.weights());
        Tensor dHidden =
                down.projection().backward(g, hidden, choices, factors(g, scores, choices), kept, perToken(g, dy));

        // The hidden numbers were multiplied by the weight of their expert, so both have a part of the gradient.
        Tensor dWeights = g.reshape(g.sumRows(g.multiply(back.hidden(), dHidden)), choices.shape());
        WeightVector downBias = down.bias();
        if (downBias != null) {
            dWeights = g.add(dWeights, experts.pick(g.multiplyMatrices(downBias.vector(), dy), choices));
            accumulate(g, downBias, dy, spreadWeights(g, scores, routing));
        }
        FeedForward.Gradients d = back.gradients().apply(weighted(g, dHidden, routing.weights()));
        Tensor dm = gatesBack(g, perToken(g, m), routing, kept, d);
        Tensor dChosen = g.derivatives().softMax(dWeights, routing.weights(), 1);
        router.backward(g, r, null, kept, experts.spread(dChosen, choices, scores), dr);
        return dm;
    }

    /** The gradient of what the experts read, through the gate and up projections. */
    private Tensor gatesBack(GraphBuilder g, Tensor x, Routing routing, Activations kept, FeedForward.Gradients d) {
        Tensor choices = routing.choices();
        Tensor ones = g.scale(perChoice(g, routing.weights()), 0, 1);
        if (up != null) {
            accumulate(g, gate.bias(), d.dGate(), ones, choices);
            accumulate(g, up.bias(), d.dUp(), ones, choices);
            Tensor dx = gate.projection().backwardSum(g, x, choices, kept, d.dGate(), null);
            return up.projection().backwardSum(g, x, choices, kept, d.dUp(), dx);
        }
        Tensor both = kept.get(KeptActivation.GATE);
        PiecewiseTensor dBoth = new PiecewiseTensor(g, both, both.shape(), 0);
        dBoth.add(0, d.dGate());
        dBoth.add((int) d.dGate().shape().n0(), d.dUp());
        accumulate(g, gate.bias(), dBoth.whole(), ones, choices);
        return gate.projection().backwardSum(g, x, choices, kept, dBoth.whole(), null);
    }

    /** Adds to the gradient of the biases of the down projection, which are weighted. */
    private static void accumulate(GraphBuilder g, WeightVector bias, Tensor dy, Tensor weights) {
        Tensor gradient = bias.gradient();
        if (gradient != null) {
            g.compute(g.addInPlace(gradient, g.derivatives().outerProduct(dy, weights)));
        }
    }

    /** Adds to the gradient of the biases of another projection. */
    private static void accumulate(
            GraphBuilder g, @Nullable WeightVector bias, Tensor dy, Tensor ones, Tensor choices) {
        Tensor gradient = bias == null ? null : bias.gradient();
        if (gradient != null) {
            Tensor sums =
                    g.experts().outerProduct(dy, ones, choices, gradient.shape().n1());
            g.compute(g.addInPlace(gradient, g.reshape(sums, gradient.shape())));
        }
    }

    private static Tensor weighted(GraphBuilder g, Tensor rows, Tensor weights) {
        return g.multiply(rows, perChoice(g, weights));
    }

    /** {@code [used, N] -> [1, used, N]}. */
    private static Tensor perChoice(GraphBuilder g, Tensor weights) {
        return g.reshape(
                weights, Shape.of(1, weights.shape().n0(), weights.shape().n1()));
    }

    /** {@code [n, N] -> [n, 1, N]}. */
    private static Tensor perToken(GraphBuilder g, Tensor x) {
        return g.reshape(x, Shape.of(x.shape().n0(), 1, x.shape().n1()));
    }
}
