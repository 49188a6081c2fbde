package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.Derivatives;
import io.lethean.lem.internal.ggml.GraphBuilder;
import io.lethean.lem.internal.ggml.Product;
import io.lethean.lem.internal.ggml.Tensor;
import io.lethean.lem.train.options.Target;
import java.util.List;
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

    /**
     * The result.
     *
     * @param mask what the update's inputs are multiplied by; null for nothing
     * @param residual what is added to the result; null for nothing
     */
    Tensor forward(GraphBuilder g, Tensor x, @Nullable Tensor mask, Activations kept, @Nullable Tensor residual) {
        Magnitude magnitude = magnitude();
        ProductSum sum = new ProductSum();
        sum.add(Product.of(weight.matrix(), x));
        if (residual != null && magnitude == null) {
            sum.add(g, residual);
        }
        if (lowRank != null) {
            Tensor low = g.scale(g.multiplyMatrices(lowRank.a(), masked(g, x, mask)), lowRank.scale());
            kept.keep(KeptActivation.lowRank(target), low);
            sum.add(Product.ofTransposed(lowRank.b(), low));
        }
        Tensor y = sum.compute(g);
        if (magnitude == null) {
            return biased(g, y);
        }
        Tensor scaled = biased(g, magnitude.apply(g, kept.keep(KeptActivation.unscaled(target), y)));
        return residual == null ? scaled : g.add(scaled, residual);
    }

    private @Nullable Magnitude magnitude() {
        return lowRank == null ? null : lowRank.magnitude();
    }

    private Tensor biased(GraphBuilder g, Tensor y) {
        return bias == null ? y : g.add(y, bias.vector());
    }

    /**
     * Adds to the gradients of what is trained: A and B, or weight and bias.
     *
     * @param x what {@link #forward} read
     * @param dx gets the gradient of x
     */
    void backward(GraphBuilder g, Tensor x, @Nullable Tensor mask, Activations kept, Tensor dScaled, ProductSum dx) {
        Tensor dy = unscaled(g, kept, dScaled);
        accumulateOwn(g, x, dy);
        dx.add(weight.back(g, dy));
        if (lowRank == null) {
            return;
        }
        Product dMasked = Product.ofTransposed(lowRank.a(), accumulate(g, lowRank, masked(g, x, mask), kept, dy));
        if (mask == null) {
            dx.add(dMasked);
        } else {
            dx.add(g, g.multiply(g.sumOfProducts(List.of(dMasked), null), mask));
        }
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
        Magnitude magnitude = magnitude();
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
