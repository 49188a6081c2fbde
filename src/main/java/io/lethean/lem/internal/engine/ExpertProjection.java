package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.ExpertOperations;
import io.lethean.lem.internal.ggml.GraphBuilder;
import io.lethean.lem.internal.ggml.Shape;
import io.lethean.lem.internal.ggml.Tensor;
import io.lethean.lem.train.options.Target;
import org.jspecify.annotations.Nullable;

/**
 * As {@link Projection} with one matrix per expert: {@code y = W_e x + scale * B_e A_e x} for each expert e that a token
 * chose.
 *
 * @param target which projection of the layer it is
 * @param weight {@code [n, m, experts]}
 * @param lowRank with A {@code [n, r, experts]} and B {@code [m, r, experts]}; null where the adapter does not reach
 */
record ExpertProjection(
        Target target, WeightMatrix weight, @Nullable LowRank lowRank) {

    /** The result for each choice, {@code [m, used, N]}. */
    Tensor forward(GraphBuilder g, Tensor x, Tensor choices, Activations kept) {
        Tensor y = g.experts().multiply(weight.matrix(), false, null, x, choices, null);
        return lowRank == null
                ? y
                : g.experts().multiply(lowRank.b(), true, null, low(g, lowRank, x, choices, kept), choices, y);
    }

    /**
     * Factors of the experts' matrices without their updates: llama.cpp adds the update to the result times the factor.
     *
     * @param vector one per expert
     * @param each of each choice, {@code [1, used, N]}
     * @param like numbers for each expert and token, {@code [experts, N]}
     */
    record Factors(WeightVector vector, Tensor each, Tensor like) {

        static Factors of(GraphBuilder g, WeightVector vector, Tensor choices, Tensor like) {
            Tensor all = g.multiply(g.scale(like, 0, 1), vector.vector());
            Shape shape = Shape.of(1, choices.shape().n0(), choices.shape().n1());
            return new Factors(vector, g.reshape(g.experts().pick(all, choices), shape), like);
        }

        /** Adds to the gradient of the factors, if they are trained. */
        private void accumulate(GraphBuilder g, Tensor x, Tensor dScaled, Tensor choices) {
            if (vector.isTrained()) {
                Tensor d = g.reshape(g.sumRows(g.multiply(x, dScaled)), choices.shape());
                vector.accumulate(g, g.experts().spread(d, choices, like));
            }
        }
    }

    private static Tensor scaled(GraphBuilder g, Tensor x, @Nullable Factors factors) {
        return factors == null ? x : g.multiply(x, factors.each());
    }

    /**
     * The sum of the results of a token's choices, {@code [m, N]}.
     *
     * @param x for each choice
     * @param factors null for 1
     * @param addend what is added; null for nothing
     */
    Tensor forwardSum(
            GraphBuilder g,
            Tensor x,
            Tensor choices,
            @Nullable Factors factors,
            Activations kept,
            @Nullable Tensor addend) {
        Tensor y = g.experts().multiplyAndSum(weight.matrix(), false, null, scaled(g, x, factors), choices, addend);
        return lowRank == null
                ? y
                : g.experts().multiplyAndSum(lowRank.b(), true, null, low(g, lowRank, x, choices, kept), choices, y);
    }

    private Tensor low(GraphBuilder g, LowRank lora, Tensor x, Tensor choices, Activations kept) {
        Tensor low = g.scale(g.experts().multiply(lora.a(), false, null, x, choices, null), lora.scale());
        return kept.keep(KeptActivation.lowRank(target), low);
    }

    /**
     * Adds to the gradients of what is trained, and returns the gradient of x for each choice, {@code [n, used, N]}.
     *
     * @param x what {@link #forwardSum} read
     * @param dy the gradient of its result, for each token
     */
    Tensor backward(GraphBuilder g, Tensor x, Tensor choices, @Nullable Factors factors, Activations kept, Tensor dy) {
        ExpertOperations experts = g.experts();
        Tensor dScaled = experts.multiply(weight.matrix(), true, weight.everyRow(), dy, choices, null);
        if (factors != null) {
            factors.accumulate(g, x, dScaled, choices);
        }
        Tensor dx = scaled(g, dScaled, factors);
        Tensor dLow = accumulate(g, x, scaled(g, x, factors), choices, kept, dy);
        return lowRank == null || dLow == null ? dx : experts.multiply(lowRank.a(), true, null, dLow, choices, dx);
    }

    /** As {@link #backward}, with the gradient summed over a token's choices, {@code [n, N]}, and added to another. */
    Tensor backwardSum(GraphBuilder g, Tensor x, Tensor choices, Activations kept, Tensor dy, @Nullable Tensor addend) {
        ExpertOperations experts = g.experts();
        Tensor dx = experts.multiplyAndSum(weight.matrix(), true, weight.everyRow(), dy, choices, addend);
        Tensor dLow = accumulate(g, x, x, choices, kept, dy);
        return lowRank == null || dLow == null
                ? dx
                : experts.multiplyAndSum(lowRank.a(), true, null, dLow, choices, dx);
    }

    /**
     * Adds to the gradients and returns the gradient of A x; null without an adapter.
     *
     * @param scaled what the matrix without its update read
     */
    private @Nullable Tensor accumulate(
            GraphBuilder g, Tensor x, Tensor scaled, Tensor choices, Activations kept, Tensor dy) {
        Tensor gradient = weight.gradient();
        if (gradient != null) {
            add(g, gradient, scaled, dy, choices);
        }
        if (lowRank == null) {
            return null;
        }
        Tensor dLow = g.scale(g.experts().multiply(lowRank.b(), false, null, dy, choices, null), lowRank.scale());
        add(g, lowRank.gradientB(), dy, kept.get(KeptActivation.lowRank(target)), choices);
        add(g, lowRank.gradientA(), x, dLow, choices);
        return dLow;
    }

    private static void add(GraphBuilder g, Tensor gradient, Tensor a, Tensor b, Tensor choices) {
        g.compute(g.addInPlace(
                gradient,
                g.experts().outerProduct(a, b, choices, gradient.shape().n2())));
    }
}
