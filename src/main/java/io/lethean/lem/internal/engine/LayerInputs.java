package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.GraphBuilder;
import io.lethean.lem.internal.ggml.Shape;
import io.lethean.lem.internal.ggml.Tensor;
import java.util.Objects;

/**
 * The inputs of all layers of a model that has one for each layer: a second embedding of the token, added to a
 * projection of the first:
 *
 * <pre>
 * P = (norm(W x / sqrt(d)) + sqrt(n) E[token]) / sqrt(2)
 * </pre>
 *
 * @param embedding E, {@code [n * layers, vocabulary]}
 * @param projection W, {@code [d, n * layers]}
 * @param norm of each layer's part of the projection
 * @param layers how many layers there are
 */
record LayerInputs(WeightMatrix embedding, WeightMatrix projection, RmsNorm norm, int layers) {

    private static final float HALF_ROOT = (float) (1 / Math.sqrt(2));

    /**
     * The inputs of all layers, {@code [n, N, layers]}.
     *
     * @param x the input of the first layer, {@code [d, N]}
     * @param tokens {@code [N]}
     */
    Tensor forward(GraphBuilder g, Tensor x, Tensor tokens) {
        Tensor embedded = g.scale(g.reshape(g.rows(embedding.matrix(), tokens), split(x)), rootOfWidth());
        Tensor sum = g.add(norm.forward(g, projected(g, x)), embedded);
        return g.contiguous(g.swapMiddle(g.scale(sum, HALF_ROOT)));
    }

    /** Before the norm, {@code [n, layers, N]}. */
    private Tensor projected(GraphBuilder g, Tensor x) {
        return g.reshape(g.scale(g.multiplyMatrices(projection.matrix(), x), rootOfHidden(x)), split(x));
    }

    private Shape split(Tensor x) {
        return Shape.of(width(), layers, x.shape().n1());
    }

    private long width() {
        return embedding.matrix().shape().n0() / layers;
    }

    private float rootOfWidth() {
        return (float) Math.sqrt(width());
    }

    private static float rootOfHidden(Tensor x) {
        return (float) (1 / Math.sqrt(x.shape().n0()));
    }

    /**
     * Adds to the gradients of the embedding, the projection and its norm, which all must be trained.
     *
     * @param x what {@link #forward} read
     * @param d the gradient of its result
     * @return the gradient of x
     */
    Tensor backward(GraphBuilder g, Tensor x, Tensor tokens, Tensor d) {
        Shape flat = Shape.of(width() * layers, x.shape().n1());
        Tensor dSum = g.scale(g.contiguous(g.swapMiddle(d)), HALF_ROOT);
        Tensor gradient = Objects.requireNonNull(embedding.gradient());
        Tensor dEmbedded = g.scale(g.reshape(dSum, flat), rootOfWidth());
        g.compute(g.addInPlace(gradient, g.derivatives().rows(dEmbedded, tokens, gradient)));
        Tensor dProjected = g.scale(g.reshape(norm.backward(g, projected(g, x), dSum), flat), rootOfHidden(x));
        projection.accumulate(g, x, dProjected);
        return projection.backward(g, dProjected);
    }

    boolean isTrained() {
        return embedding.gradient() != null;
    }

    /** The part of one layer, {@code [n, N]}, of the inputs of all layers or of their gradients. */
    static Tensor of(GraphBuilder g, Tensor all, int layer) {
        return g.reshape(
                g.slice(all, 2, layer, 1),
                Shape.of(all.shape().n0(), all.shape().n1()));
    }
}
