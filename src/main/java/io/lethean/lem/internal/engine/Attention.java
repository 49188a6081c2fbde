package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.GraphBuilder;
import io.lethean.lem.internal.ggml.Shape;
import io.lethean.lem.internal.ggml.Tensor;
import java.util.List;

/**
 * Softmax attention over S sequences of T tokens, queries in groups that share a key and value head.
 *
 * <p>A group is folded into the rows of the queries: {@code [head size, R, key heads, S]}, R being queries times group.
 * Then the gradients of keys and values sum over the group inside one product. Probabilities are never kept: the
 * backward pass computes them again for the price of one product.
 *
 * @param spec the decoder
 * @param sequences S
 * @param tokens T
 */
record Attention(DecoderSpec spec, int sequences, int tokens) {

    /** Heads up to this size are multiplied as outer products; on the CPU up to ten times as fast. */
    private static final int NARROW = 64;

    /** Queries that are computed at once, and which keys each of them sees: {@code [keys, queries]}. */
    record Block(QueryBlock queries, Tensor mask) {}

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
    Tensor forward(GraphBuilder g, Tensor q, Tensor k, Tensor v, List<Block> blocks) {
        Tensor keys = oriented(g, k);
        Tensor values = turned(g, v);
        PiecewiseTensor heads =
                new PiecewiseTensor(g, flat(g, q), perToken(spec.widths().heads()), 2);
        for (Block block : blocks) {
            Tensor scores = scores(g, seen(g, keys, block), queries(g, q, block));
            Tensor p = probabilities(g, scores, block);
            Tensor out = g.multiplyMatrices(seen(g, values, 0, block), p);
            heads.add(block.queries().from(), perToken(g, out, block));
        }
        return heads.whole();
    }

    /** @param dHeads the gradient of what {@link #forward} returned */
    Gradients backward(GraphBuilder g, Tensor q, Tensor k, Tensor v, List<Block> blocks, Tensor dHeads) {
        Tensor keys = oriented(g, k);
        Tensor values = oriented(g, v);
        Tensor turnedKeys = isNarrow() ? keys : turned(g, k);
        PiecewiseTensor dq = new PiecewiseTensor(g, q, perToken(spec.widths().heads()), 2);
        PiecewiseTensor dk = new PiecewiseTensor(g, keys, keys.shape(), keyAxis());
        PiecewiseTensor dv = new PiecewiseTensor(g, values, values.shape(), keyAxis());
        // From the last block, which often has all keys, so that the others are added to it.
        for (Block block : blocks.reversed()) {
            Tensor queries = queries(g, q, block);
            Tensor scores = scores(g, seen(g, keys, block), queries);
            Tensor p = probabilities(g, scores, block);
            Tensor dOut = queries(g, g.reshape(dHeads, q.shape()), block);
            // The values' gradient reads p, and the softmax's gradient may only run in place over dp: this is computed
            // before that is built.
            dv.add(block.queries().firstKey(), sums(g, dOut, p));
            Tensor dp = products(g, seen(g, values, block), dOut);
            Tensor ds = dScores(g, g.derivatives().softMax(dp, p, softMaxScale()), scores);
            dk.add(block.queries().firstKey(), sums(g, queries, ds));
            Tensor back = g.multiplyMatrices(seen(g, turnedKeys, 0, block), ds);
            dq.add(block.queries().from(), perToken(g, back, block));
        }
        return new Gradients(dq.whole(), likeKeys(g, dk.whole(), k), likeKeys(g, dv.whole(), v));
    }

    private boolean isNarrow() {
        return spec.widths().headSize() <= NARROW;
    }

    /** Which axis of {@link #oriented} counts the keys. */
    private int keyAxis() {
        return isNarrow() ? 0 : 1;
    }

    /**
     * Keys or values as {@link #products} takes them: {@code [head size, T, key heads, S]}, turned for narrow heads.
     */
    private Tensor oriented(GraphBuilder g, Tensor x) {
        return isNarrow() ? turned(g, x) : g.contiguous(split(g, x));
    }

    /** {@code [head size, key heads, N] -> [T, head size, key heads, S]}. */
    private Tensor turned(GraphBuilder g, Tensor x) {
        return g.contiguous(g.transpose(g.contiguous(split(g, x))));
    }

    /** {@code [head size, heads, N] -> [head size, T, heads, S]}, out of order in memory. */
    private Tensor split(GraphBuilder g, Tensor x) {
        return g.swapMiddle(g.reshape(x, perToken((int) x.shape().n1())));
    }

    private Shape perToken(int heads) {
        return new Shape(spec.widths().headSize(), heads, tokens, sequences);
    }

    private Tensor seen(GraphBuilder g, Tensor oriented, Block block) {
        return seen(g, oriented, keyAxis(), block);
    }

    private Tensor seen(GraphBuilder g, Tensor x, int axis, Block block) {
        return g.slice(x, axis, block.queries().firstKey(), block.queries().keys());
    }

    /** {@code [head size, heads, N] -> [head size, R, key heads, S]} for the queries of a block. */
    private Tensor queries(GraphBuilder g, Tensor q, Block block) {
        int count = block.queries().count();
        Tensor taken = g.slice(
                g.reshape(q, perToken(spec.widths().heads())),
                2,
                block.queries().from(),
                count);
        Tensor folded = g.contiguous(g.swapMiddle(taken));
        return g.reshape(
                folded,
                new Shape(
                        spec.widths().headSize(),
                        (long) count * spec.group(),
                        spec.widths().kvHeads(),
                        sequences));
    }

    /** {@code [head size, R, key heads, S] -> [head size, heads, queries, S]}, out of order in memory. */
    private Tensor perToken(GraphBuilder g, Tensor folded, Block block) {
        Shape perHead = new Shape(
                spec.widths().headSize(), block.queries().count(), spec.widths().heads(), sequences);
        return g.swapMiddle(g.reshape(folded, perHead));
    }

    /** Gradients of {@link #oriented} in the shape of what it was made of. */
    private Tensor likeKeys(GraphBuilder g, Tensor oriented, Tensor x) {
        return g.contiguous(g.swapMiddle(isNarrow() ? g.transpose(oriented) : oriented), x.shape());
    }

    private Tensor flat(GraphBuilder g, Tensor q) {
        return g.reshape(
                q, Shape.of((long) spec.widths().headSize() * spec.widths().heads(), (long) tokens * sequences));
    }

    /** Every key, or value, with every query: {@code [keys, R, key heads, S]}. */
    private Tensor products(GraphBuilder g, Tensor keys, Tensor queries) {
        return isNarrow()
                ? g.derivatives().outerProduct(keys, g.transpose(queries))
                : g.multiplyMatrices(keys, queries);
    }

    /** For each key the sum of the queries, each times its number: shaped as {@link #oriented}. */
    private Tensor sums(GraphBuilder g, Tensor queries, Tensor numbers) {
        return isNarrow()
                ? g.derivatives().outerProduct(numbers, queries)
                : g.derivatives().outerProduct(queries, numbers);
    }

    /** {@link #products}, capped where the architecture says so. */
    private Tensor scores(GraphBuilder g, Tensor keys, Tensor queries) {
        Tensor scores = products(g, keys, queries);
        return isCapped()
                ? SoftCap.forward(
                        g, scores, spec.scales().attention(), spec.scales().attentionCap())
                : scores;
    }

    private Tensor dScores(GraphBuilder g, Tensor ds, Tensor scores) {
        return isCapped()
                ? SoftCap.backward(
                        g, scores, ds, spec.scales().attention(), spec.scales().attentionCap())
                : ds;
    }

    private boolean isCapped() {
        return spec.scales().attentionCap() != 0;
    }

    /** A cap needs the scaled scores, so the scale has been applied before the softmax. */
    private float softMaxScale() {
        return isCapped() ? 1 : spec.scales().attention();
    }

    private Tensor probabilities(GraphBuilder g, Tensor scores, Block block) {
        QueryBlock queries = block.queries();
        Tensor perHead = g.reshape(
                scores, new Shape(queries.keys(), queries.count(), spec.widths().heads(), sequences));
        return g.reshape(g.softMax(perHead, block.mask(), softMaxScale()), scores.shape());
    }
}
