package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.gguf.Architecture;
import io.lethean.lem.train.options.Target;
import java.util.List;

/**
 * A decoder as data: everything that one architecture does differently from another is a value here.
 *
 * @param architecture the name in the GGUF file
 * @param widths sizes of its vectors
 * @param block how a layer is built
 * @param epsilon added to the mean square in every norm
 * @param scales factors and caps of embeddings, attention scores and logits
 * @param experts of its feed-forward parts
 * @param layers one per layer
 */
public record DecoderSpec(
        String architecture,
        Widths widths,
        Architecture.Block block,
        float epsilon,
        Scales scales,
        Experts experts,
        List<LayerSpec> layers) {

    /**
     * Sizes of vectors, in elements, that are the same in all layers.
     *
     * @param hiddenSize elements per token between layers
     * @param layerInput elements per token that each layer reads in addition to the hidden state; 0 for nothing
     * @param vocabulary tokens
     */
    public record Widths(int hiddenSize, int layerInput, int vocabulary) {}

    /**
     * Factors and caps.
     *
     * @param embedding factor of the token embeddings
     * @param attention factor of the attention scores
     * @param attentionCap scores become {@code cap * tanh(score / cap)}; 0 for no cap
     * @param logitCap the same for the logits
     */
    public record Scales(float embedding, float attention, float attentionCap, float logitCap) {}

    /**
     * Mixtures of experts.
     *
     * @param count experts per layer; 0 if the feed-forward parts are not mixtures
     * @param used experts per token
     */
    public record Experts(int count, int used) {

        /** No mixtures. */
        public static final Experts NONE = new Experts(0, 0);

        /** True if the feed-forward parts are mixtures. */
        public boolean exist() {
            return count > 0;
        }
    }

    public DecoderSpec {
        layers = List.copyOf(layers);
    }

    public int layerCount() {
        return layers.size();
    }

    /** True if the projection has a matrix for each expert. */
    public boolean isOfExperts(Target target) {
        return experts.exist()
                && switch (target) {
                    case Q, K, V, O, ROUTER -> false;
                    case GATE, UP, DOWN -> true;
                };
    }

    /** The name of a projection's weight. */
    public String weightName(Target target, int layer) {
        if (target == Target.GATE && layer(layer).widths().gateHasUp()) {
            return Target.gateUpExpertsName(layer);
        }
        return isOfExperts(target) ? target.expertsName(layer) : target.weightName(layer);
    }

    /** Values per token inside the feed-forward part of a layer, or inside the experts that a token uses. */
    long insideFeedForward(LayerSpec layer) {
        return (long) layer.widths().feedForward() * Math.max(1, experts.used());
    }

    LayerSpec layer(int index) {
        return layers.get(index);
    }
}
