package io.lethean.lem.pretrain;

/**
 * The size of a model that is trained from nothing: a Gemma 3.
 *
 * <p>All but every sixth layer see a window of tokens only. With up to five layers nothing depends on the distance of
 * two tokens beyond the window, so that a context longer than any sample of the training is no different from a short
 * one.
 *
 * @param layers transformer blocks
 * @param hiddenSize elements per token between layers
 * @param heads query heads; a divisor of the hidden size
 * @param kvHeads key and value heads; a divisor of {@code heads}
 * @param feedForward width of the feed-forward part
 * @param vocabulary tokens
 * @param window tokens that a layer sees
 * @param context tokens that the model takes
 */
public record ModelShape(
        int layers, int hiddenSize, int heads, int kvHeads, int feedForward, int vocabulary, int window, int context) {

    /** What lem-nano has. */
    public static final ModelShape NANO = new ModelShape(5, 160, 5, 1, 448, 2048, 256, 4096);

    public ModelShape {
        if (layers < 1
                || heads < 1
                || hiddenSize % heads != 0
                || kvHeads < 1
                || heads % kvHeads != 0
                || feedForward < 1
                || window < 2
                || context < window) {
            throw new IllegalArgumentException("A model needs layers (" + layers + "), heads (" + heads + ") that"
                    + " divide its hidden size (" + hiddenSize + ") and that KV heads (" + kvHeads
                    + ") divide, and a context ("
                    + context + ") no shorter than its window (" + window + ").");
        }
    }
}
