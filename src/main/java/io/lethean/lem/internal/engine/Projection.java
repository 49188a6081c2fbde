package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.Derivatives;
import io.lethean.lem.internal.ggml.GraphBuilder;
import io.lethean.lem.internal.ggml.Tensor;
import io.lethean.lem.train.options.Target;
import org.jspecify.annotations.Nullable;

/**
 * {@code y = W x + bias + scale * B A x}: a weight with its bias and, where it is adapted, the low-rank update. With a
 * magnitude, {@code y = m / norm * (W x + scale * B A x) + bias}.
 *
 * @param target which projection of the layer it is
 * @param weight the matrix and the way back through it
 * @param bias null without a bias
 * @param lowRank null where the adapter does not reach
 */
record Projection(
        Target target,
        WeightMatrix weight,
        @Nullable WeightVector bias,
        @Nullable LowRank lowRank) {

    /** @param mask what the update's inputs are multiplied by; null for nothing */
    Tensor forward(GraphBuilder g, Tensor x, @Nullable Tensor mask, Activations kept) {
        Tensor y = g.multiplyMatrices(weight.matrix(), x);
        if (lowRank == null) {
            return biased(g, y);
        }
        Magnitude magnitude = lowRank.magnitude();
        if (magnitude == null) {
            return addLow(g, biased(g, y), x, mask, kept, lowRank);
        }
        Tensor unscaled = kept.keep(KeptActivation.unscaled(target), addLow(g, y, x, mask, kept, lowRank));
        return biased(g, magnitude.apply(g, unscaled));
    }

    private Tensor biased(GraphBuilder g, Tensor y) {
        return bias == null ? y : g.add(y, bias.vector());
    }

    private Tensor addLow(
            GraphBuilder g, Tensor y, Tensor x, @Nullable Tensor mask, Activations kept, LowRank lowRank) {
        Tensor low = g.scale(g.multiplyMatrices(lowRank.a(), masked(g, x, mask)), lowRank.scale());
        kept.keep(KeptActivation.lowRank(target), low);
        // B low, as an outer product over the rank: the transpose is a view.
        return g.add(y, g.derivatives().outerProduct(lowRank.b(), g.transpose(low)));
    }

    /**
     * Adds to the gradients of what is trained: A and B, or weight and bias.
     *
     * @param x what {@link #forward} read
     * @return the gradient of x
     */
    Tensor backward(GraphBuilder g, Tensor x, @Nullable Tensor mask, Activations kept, Tensor dScaled) {
        Tensor dy = unscaled(g, kept, dScaled);
        accumulateOwn(g, x, dy);
        Tensor dx = weight.backward(g, dy);
        if (lowRank == null) {
            return dx;
        }
        Tensor dLow = accumulate(g, lowRank, masked(g, x, mask), kept, dy);
        Tensor dMasked = g.derivatives().outerProduct(lowRank.a(), g.transpose(dLow));
        return g.add(dx, masked(g, dMasked, mask));
    }

    /** As {@link #backward} where nothing below needs the gradient of x. */
    void backwardHere(GraphBuilder g, Tensor x, @Nullable Tensor mask, Activations kept, Tensor dScaled) {
        Tensor dy = unscaled(g, kept, dScaled);
        accumulateOwn(g, x, dy);
        if (lowRank != null) {
            accumulate(g, lowRank, masked(g, x, mask), kept, dy);
        }
    }

    /** Adds to the gradient of the magnitude, and returns the gradient of what it scales. */
    private Tensor unscaled(GraphBuilder g, Activations kept, Tensor dScaled) {
        Magnitude magnitude = lowRank == null ? null : lowRank.magnitude();
        if (magnitude == null) {
            return dScaled;
        }
        magnitude.accumulate(g, kept.get(KeptActivation.unscaled(target)), dScaled);
        return magnitude.apply(g, dScaled);
    }

    private static Tensor masked(GraphBuilder g, Tensor x, @Nullable Tensor mask) {
        return mask == null ? x : g.multiply(x, mask);
    }

    private void accumulateOwn(GraphBuilder g, Tensor x, Tensor dy) {
        weight.accumulate(g, x, dy);
        if (bias != null) {
            bias.accumulate(g, dy);
        }
    }

    /** Adds to the gradients and returns the gradient of A x. */
    private Tensor accumulate(GraphBuilder g, LowRank lora, Tensor x, Activations kept, Tensor dy) {
        Derivatives d = g.derivatives();
        Tensor low = kept.get(KeptActivation.lowRank(target));
        Tensor dLow = g.scale(g.multiplyMatrices(lora.b(), dy), lora.scale());
        g.compute(g.addInPlace(lora.gradientB(), d.outerProduct(dy, low)));
        g.compute(g.addInPlace(lora.gradientA(), d.outerProduct(x, dLow)));
        return dLow;
    }
}
