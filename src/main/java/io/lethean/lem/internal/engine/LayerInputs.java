package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.GraphBuilder;
import io.lethean.lem.internal.ggml.Shape;
import io.lethean.lem.internal.ggml.Tensor;

/**
 * The inputs of all layers of a model that has one for each layer: a second embedding of the token, added to a
 * projection of the first. All of it is frozen.
 *
 * @param embedding {@code [n * layers, vocabulary]} of any type
 * @param projection {@code [d, n * layers]} of any type
 * @param norm of each layer's part of the projection
 * @param layers how many layers there are
 */
record LayerInputs(Tensor embedding, Tensor projection, RmsNorm norm, int layers) {

    /**
     * The inputs of all layers, {@code [n, N, layers]}.
     *
     * @param x the input of the first layer, {@code [d, N]}
     * @param tokens {@code [N]}
     */
    Tensor forward(GraphBuilder g, Tensor x, Tensor tokens) {
        long width = embedding.shape().n0() / layers;
        Shape split = Shape.of(width, layers, tokens.shape().n0());
        Tensor embedded = g.scale(g.reshape(g.rows(embedding, tokens), split), (float) Math.sqrt(width));
        Tensor projected = g.scale(g.multiplyMatrices(projection, x), (float)
                (1 / Math.sqrt(x.shape().n0())));
        Tensor sum = g.add(norm.forward(g, g.reshape(projected, split)), embedded);
        return g.contiguous(g.swapMiddle(g.scale(sum, (float) (1 / Math.sqrt(2)))));
    }

    /** The input of one layer, {@code [n, N]}. */
    static Tensor of(GraphBuilder g, Tensor all, int layer) {
        return g.reshape(
                g.slice(all, 2, layer, 1),
                Shape.of(all.shape().n0(), all.shape().n1()));
    }
}
