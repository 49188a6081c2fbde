package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.gguf.Architecture;
import io.lethean.lem.train.options.Target;
import java.util.List;

/**
 * A decoder as data: everything that one architecture does differently from another is a value here.
 *
 * @param architecture the name in the GGUF file
 * @param hiddenSize elements per token between layers
 * @param feedForward width inside the feed-forward part
 * @param heads query heads
 * @param kvHeads key and value heads; a divisor of {@code heads}
 * @param headSize elements per head
 * @param vocabulary tokens
 * @param epsilon added to the mean square in every norm
 * @param activation the gate's function
 * @param queryKeyNorm true if queries and keys are normed per head before they are rotated
 * @param postNorms true if the results of attention and feed-forward are normed before they are added
 * @param embeddingScale factor of the token embeddings
 * @param attentionScale factor of the attention scores
 * @param attentionCap scores become {@code cap * tanh(score / cap)}; 0 for no cap
 * @param logitCap the same for the logits
 * @param layers one per layer
 */
public record DecoderSpec(
        String architecture,
        int hiddenSize,
        int feedForward,
        int heads,
        int kvHeads,
        int headSize,
        int vocabulary,
        float epsilon,
        Architecture.Activation activation,
        boolean queryKeyNorm,
        boolean postNorms,
        float embeddingScale,
        float attentionScale,
        float attentionCap,
        float logitCap,
        List<LayerSpec> layers) {

    public DecoderSpec {
        layers = List.copyOf(layers);
        if (kvHeads < 1 || heads % kvHeads != 0) {
            throw new IllegalArgumentException(
                    heads + " query heads cannot share " + kvHeads + " key and value heads evenly.");
        }
    }

    /** Query heads that share one key and value head. */
    public int group() {
        return heads / kvHeads;
    }

    public int layerCount() {
        return layers.size();
    }

    /** Rows of a projection's weight: the width of its result. */
    public int outputWidth(Target target) {
        return switch (target) {
            case Q -> heads * headSize;
            case K, V -> kvHeads * headSize;
            case O, DOWN -> hiddenSize;
            case GATE, UP -> feedForward;
        };
    }

    /** The width of what a projection reads. */
    public int inputWidth(Target target) {
        return switch (target) {
            case Q, K, V, GATE, UP -> hiddenSize;
            case O -> heads * headSize;
            case DOWN -> feedForward;
        };
    }
}
