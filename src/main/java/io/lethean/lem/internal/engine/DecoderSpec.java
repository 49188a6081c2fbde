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
     * Sizes of vectors, in elements.
     *
     * @param hiddenSize elements per token between layers
     * @param feedForward width inside the feed-forward part
     * @param heads query heads
     * @param kvHeads key and value heads; a divisor of {@code heads}
     * @param headSize elements per head
     * @param vocabulary tokens
     */
    public record Widths(int hiddenSize, int feedForward, int heads, int kvHeads, int headSize, int vocabulary) {

        public Widths {
            if (kvHeads < 1 || heads % kvHeads != 0) {
                throw new IllegalArgumentException(
                        heads + " query heads cannot share " + kvHeads + " key and value heads evenly.");
            }
        }
    }

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

    /** Query heads that share one key and value head. */
    public int group() {
        return widths.heads() / widths.kvHeads();
    }

    public int layerCount() {
        return layers.size();
    }

    /** Rows of a projection's weight: the width of its result. */
    public int outputWidth(Target target) {
        return switch (target) {
            case Q -> widths.heads() * widths.headSize();
            case K, V -> widths.kvHeads() * widths.headSize();
            case O, DOWN -> widths.hiddenSize();
            case GATE, UP -> widths.feedForward();
        };
    }

    /** The width of what a projection reads. */
    public int inputWidth(Target target) {
        return switch (target) {
            case Q, K, V, GATE, UP -> widths.hiddenSize();
            case O -> widths.heads() * widths.headSize();
            case DOWN -> widths.feedForward();
        };
    }
}
