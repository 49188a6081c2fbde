package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.gguf.Architecture;
import java.util.List;

/**
 * A decoder as data: everything that one architecture does differently from another is a value here.
 *
 * @param architecture the name in the GGUF file
 * @param widths sizes of its vectors
 * @param block how a layer is built
 * @param epsilon added to the mean square in every norm
 * @param scales factors and caps of embeddings, attention scores and logits
 * @param layers one per layer
 */
public record DecoderSpec(
        String architecture,
        Widths widths,
        Architecture.Block block,
        float epsilon,
        Scales scales,
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

    public DecoderSpec {
        layers = List.copyOf(layers);
    }

    public int layerCount() {
        return layers.size();
    }

    LayerSpec layer(int index) {
        return layers.get(index);
    }
}
