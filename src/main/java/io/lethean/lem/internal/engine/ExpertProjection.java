package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.ExpertOperations;
import io.lethean.lem.internal.ggml.GraphBuilder;
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
     * The sum of the results of a token's choices, {@code [m, N]}.
     *
     * @param addend what is added; null for nothing
     */
    Tensor forwardSum(GraphBuilder g, Tensor x, Tensor choices, Activations kept, @Nullable Tensor addend) {
        Tensor y = g.experts().multiplyAndSum(weight.matrix(), false, null, x, choices, addend);
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
     * @param x what {@link #forward} read
     * @param dy the gradient of its result, for each choice or, if all choices have the same, for each token
     */
    Tensor backward(GraphBuilder g, Tensor x, Tensor choices, Activations kept, Tensor dy) {
        ExpertOperations experts = g.experts();
        Tensor dx = experts.multiply(weight.matrix(), true, weight.everyRow(), dy, choices, null);
        Tensor dLow = accumulate(g, x, choices, kept, dy);
        return lowRank == null || dLow == null ? dx : experts.multiply(lowRank.a(), true, null, dLow, choices, dx);
    }

    /** As {@link #backward}, with the gradient summed over a token's choices, {@code [n, N]}, and added to another. */
    Tensor backwardSum(GraphBuilder g, Tensor x, Tensor choices, Activations kept, Tensor dy, @Nullable Tensor addend) {
        ExpertOperations experts = g.experts();
        Tensor dx = experts.multiplyAndSum(weight.matrix(), true, weight.everyRow(), dy, choices, addend);
        Tensor dLow = accumulate(g, x, choices, kept, dy);
        return lowRank == null || dLow == null
                ? dx
                : experts.multiplyAndSum(lowRank.a(), true, null, dLow, choices, dx);
    }

    /** Adds to the gradients and returns the gradient of A x; null without an adapter. */
    private @Nullable Tensor accumulate(GraphBuilder g, Tensor x, Tensor choices, Activations kept, Tensor dy) {
        Tensor gradient = weight.gradient();
        if (gradient != null) {
            add(g, gradient, x, dy, choices);
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
