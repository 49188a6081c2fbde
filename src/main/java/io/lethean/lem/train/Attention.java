package io.lethean.lem.train;

import io.lethean.lem.ggml.GraphBuilder;
import io.lethean.lem.ggml.Shape;
import io.lethean.lem.ggml.Tensor;

/**
 * Softmax attention over S sequences of T tokens, queries in groups that share a key and value head.
 *
 * <p>A group is folded into the rows of the queries: {@code [head size, T * group, key heads, S]}. Then the gradients
 * of keys and values sum over the group inside one product. Probabilities are never kept: the backward pass computes
 * them again for the price of one product.
 *
 * @param spec the decoder
 * @param sequences S
 * @param tokens T
 */
record Attention(DecoderSpec spec, int sequences, int tokens) {

    /** The gradients that {@link #backward} finds, in the shapes of q, k and v. */
    record Gradients(Tensor dq, Tensor dk, Tensor dv) {}

    /**
     * What the heads put out.
     *
     * @param q rotated, {@code [head size, heads, N]}
     * @param k rotated, {@code [head size, key heads, N]}
     * @param v {@code [head size, key heads, N]}
     * @return {@code [heads * head size, N]}
     */
    Tensor forward(GraphBuilder g, Tensor q, Tensor k, Tensor v, Tensor mask) {
        Tensor p = probabilities(g, scores(g, foldQueries(g, q), fold(g, k)), mask);
        Tensor values = g.contiguous(g.transpose(fold(g, v)));
        return unfold(g, g.multiplyMatrices(values, p), spec.heads());
    }

    /** @param dHeads the gradient of what {@link #forward} returned */
    Gradients backward(GraphBuilder g, Tensor q, Tensor k, Tensor v, Tensor mask, Tensor dHeads) {
        Tensor queries = foldQueries(g, q);
        Tensor keys = fold(g, k);
        Tensor scores = scores(g, queries, keys);
        Tensor p = probabilities(g, scores, mask);
        Tensor dOut = foldQueries(g, g.reshape(dHeads, q.shape()));
        Tensor dv = g.derivatives().outerProduct(dOut, p);
        Tensor dp = g.multiplyMatrices(fold(g, v), dOut);
        // The values' gradient reads p, and the softmax's gradient may only run in place over dp: order is fixed here.
        g.compute(dv);
        Tensor ds = dScores(g, g.derivatives().softMax(dp, p, softMaxScale()), scores);
        Tensor dq = g.multiplyMatrices(g.contiguous(g.transpose(keys)), ds);
        Tensor dk = g.derivatives().outerProduct(queries, ds);
        return new Gradients(
                g.reshape(unfold(g, dq, spec.heads()), q.shape()),
                g.reshape(unfold(g, dk, spec.keyValueHeads()), k.shape()),
                g.reshape(unfold(g, dv, spec.keyValueHeads()), v.shape()));
    }

    /** {@code [T keys, T * group queries, key heads, S]}, capped where the architecture says so. */
    private Tensor scores(GraphBuilder g, Tensor queries, Tensor keys) {
        Tensor scores = g.multiplyMatrices(keys, queries);
        return isCapped() ? SoftCap.forward(g, scores, spec.attentionScale(), spec.attentionCap()) : scores;
    }

    private Tensor dScores(GraphBuilder g, Tensor ds, Tensor scores) {
        return isCapped() ? SoftCap.backward(g, scores, ds, spec.attentionScale(), spec.attentionCap()) : ds;
    }

    private boolean isCapped() {
        return spec.attentionCap() != 0;
    }

    /** A cap needs the scaled scores, so the scale has been applied before the softmax. */
    private float softMaxScale() {
        return isCapped() ? 1 : spec.attentionScale();
    }

    private Tensor probabilities(GraphBuilder g, Tensor scores, Tensor mask) {
        Tensor perHead = g.reshape(scores, new Shape(tokens, tokens, spec.heads(), sequences));
        return g.reshape(g.softMax(perHead, mask, softMaxScale()), scores.shape());
    }

    /** {@code [head size, heads, N] -> [head size, T * group, key heads, S]}. */
    private Tensor foldQueries(GraphBuilder g, Tensor q) {
        return g.reshape(fold(g, q), new Shape(
                spec.headSize(), (long) tokens * spec.group(), spec.keyValueHeads(), sequences));
    }

    /** {@code [head size, heads, N] -> [head size, T, heads, S]}. */
    private Tensor fold(GraphBuilder g, Tensor x) {
        Tensor split = g.reshape(x, new Shape(spec.headSize(), x.shape().n1(), tokens, sequences));
        return g.contiguous(g.swapMiddle(split));
    }

    /** The inverse of folding: {@code -> [heads * head size, N]}. */
    private Tensor unfold(GraphBuilder g, Tensor folded, int heads) {
        Tensor split = g.reshape(folded, new Shape(spec.headSize(), tokens, heads, sequences));
        return g.contiguous(
                g.swapMiddle(split), Shape.of((long) spec.headSize() * heads, (long) tokens * sequences));
    }
}
