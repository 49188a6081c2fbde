package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.FusedOperations;
import io.lethean.lem.internal.ggml.GraphBuilder;
import io.lethean.lem.internal.ggml.Shape;
import io.lethean.lem.internal.ggml.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Softmax attention over S sequences of T tokens, queries in groups that share a key and value head.
 *
 * <p>A group is folded into the rows of the queries: {@code [head size, R, key heads, S]}, R being queries times group.
 * Then the gradients of keys and values sum over the group inside one product. Probabilities are never kept: the
 * backward pass computes them again for the price of one product.
 *
 * <p>A sink z (OpenAI, gpt-oss model card, 2025) is in the denominator of every query of its head. With scores s, probabilities
 * {@code p_j = exp(s_j) / (exp(z) + sum_k exp(s_k))} and {@code p_z = exp(z) / (exp(z) + sum_k exp(s_k))}, the derivative of
 * each is {@code dp_j/dz = -p_z p_j}, as between any two entries of a softmax. So the gradient of z is
 * {@code -sum over the queries of p_z * (sum over j of p_j * dL/dp_j)}. The inner sum is what the gradient of the scores has, too.
 *
 * @param widths the layer's
 * @param scales of the decoder
 * @param sequences S
 * @param tokens T
 * @param sinks a score per head that takes part in the softmax and has no value; null without sinks. It changes nothing in the
 *     formula of the other gradients: the rows of probabilities have a sum below 1
 */
record Attention(
        LayerWidths widths,
        DecoderSpec.Scales scales,
        int sequences,
        int tokens,
        @Nullable WeightVector sinks) {

    /** Which axis of {@link #split} counts the keys. */
    private static final int KEYS = 1;

    /** Queries that are computed at once, and which keys each of them sees: {@code [keys, queries]}. */
    record Block(QueryBlock queries, Tensor mask) {}

    /**
     * What each query sees, in the form that the device needs.
     *
     * @param first the first row that each row sees, i32 {@code [N]}, where attention is one operation; else null
     * @param blocks the blocks of queries where it is made of several; else empty
     */
    record Seen(@Nullable Tensor first, List<Block> blocks) {}

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
    Tensor forward(GraphBuilder g, Tensor q, Tensor k, Tensor v, Seen seen) {
        return seen.first() == null
                ? forward(g, q, k, v, seen.blocks())
                : g.fused().orElseThrow().attention(input(q, k, v, seen.first()));
    }

    /**
     * The gradients of q, k and v; adds to that of the sinks, if they are trained.
     *
     * @param dHeads the gradient of what {@link #forward} returned
     */
    Gradients backward(GraphBuilder g, Tensor q, Tensor k, Tensor v, Seen seen, Tensor dHeads) {
        if (seen.first() == null) {
            return backward(g, q, k, v, seen.blocks(), dHeads);
        }
        FusedOperations.AttentionGradients d =
                g.fused().orElseThrow().attentionBack(input(q, k, v, seen.first()), dHeads);
        if (d.dSinks() != null && sinks != null) {
            sinks.accumulate(g, d.dSinks());
        }
        return new Gradients(d.dq(), d.dk(), d.dv());
    }

    private FusedOperations.AttentionInput input(Tensor q, Tensor k, Tensor v, Tensor first) {
        return new FusedOperations.AttentionInput(
                q, k, v, first, scales.attention(), scales.attentionCap(), sinkScores());
    }

    private Tensor forward(GraphBuilder g, Tensor q, Tensor k, Tensor v, List<Block> blocks) {
        Tensor keys = split(g, k);
        Tensor values = split(g, v);
        PiecewiseTensor heads = new PiecewiseTensor(g, flat(g, q), perToken(widths.heads()), 2);
        for (Block block : blocks) {
            Tensor p = probabilities(g, scores(g, seen(g, keys, block), queries(g, q, block)), block);
            Tensor out = g.multiplyTransposed(seen(g, values, block), p);
            heads.add(block.queries().from(), perToken(g, out, block));
        }
        return heads.whole();
    }

    private Gradients backward(GraphBuilder g, Tensor q, Tensor k, Tensor v, List<Block> blocks, Tensor dHeads) {
        Tensor keys = split(g, k);
        Tensor values = split(g, v);
        PiecewiseTensor dq = new PiecewiseTensor(g, q, perToken(widths.heads()), 2);
        PiecewiseTensor dk = new PiecewiseTensor(g, g.reshape(k, keys.shape()), keys.shape(), KEYS);
        PiecewiseTensor dv = new PiecewiseTensor(g, g.reshape(v, keys.shape()), keys.shape(), KEYS);
        // From the last block, which often has all keys, so that the others are added to it.
        for (Block block : blocks.reversed()) {
            Tensor queries = queries(g, q, block);
            Tensor scores = scores(g, seen(g, keys, block), queries);
            Tensor p = probabilities(g, scores, block);
            Tensor dOut = queries(g, g.reshape(dHeads, q.shape()), block);
            // The values' gradient reads p, and the softmax's gradient may only run in place over dp: this is computed
            // before that is built.
            dv.add(block.queries().firstKey(), g.derivatives().outerProduct(dOut, p));
            Tensor dp = g.multiplyMatrices(seen(g, values, block), dOut);
            accumulateSinks(g, dp, p, block);
            Tensor ds = dScores(g, g.derivatives().softMax(dp, p, softMaxScale()), scores);
            dk.add(block.queries().firstKey(), g.derivatives().outerProduct(queries, ds));
            dq.add(block.queries().from(), perToken(g, g.multiplyTransposed(seen(g, keys, block), ds), block));
        }
        return new Gradients(dq.whole(), likeKeys(g, dk.whole(), k), likeKeys(g, dv.whole(), v));
    }

    /** {@code [head size, heads, N] -> [head size, T, heads, S]}, out of order in memory. */
    private Tensor split(GraphBuilder g, Tensor x) {
        return g.swapMiddle(g.reshape(x, perToken((int) x.shape().n1())));
    }

    private Shape perToken(int heads) {
        return new Shape(widths.headSize(), heads, tokens, sequences);
    }

    /** The keys, or values, that the queries of a block see. */
    private Tensor seen(GraphBuilder g, Tensor keys, Block block) {
        return g.slice(keys, KEYS, block.queries().firstKey(), block.queries().keys());
    }

    /** {@code [head size, heads, N] -> [head size, R, key heads, S]} for the queries of a block. */
    private Tensor queries(GraphBuilder g, Tensor q, Block block) {
        int count = block.queries().count();
        Tensor taken = g.slice(
                g.reshape(q, perToken(widths.heads())), 2, block.queries().from(), count);
        Tensor folded = g.contiguous(g.swapMiddle(taken));
        return g.reshape(
                folded, new Shape(widths.headSize(), (long) count * widths.group(), widths.kvHeads(), sequences));
    }

    /** {@code [head size, R, key heads, S] -> [head size, heads, queries, S]}, out of order in memory. */
    private Tensor perToken(GraphBuilder g, Tensor folded, Block block) {
        Shape perHead = new Shape(widths.headSize(), block.queries().count(), widths.heads(), sequences);
        return g.swapMiddle(g.reshape(folded, perHead));
    }

    private @Nullable Tensor sinkScores() {
        return sinks == null ? null : sinks.vector();
    }

    /**
     * Adds to the gradient of the sinks, before the gradient of the probabilities is written over. The sink's probability is what
     * the others lack to 1, so its error is that of their sum, 1e-7.
     */
    private void accumulateSinks(GraphBuilder g, Tensor dp, Tensor p, Block block) {
        if (sinks == null || !sinks.isTrained()) {
            return;
        }
        Tensor negative = g.scale(g.sumRows(p), 1, -1);
        Tensor each = g.multiply(negative, g.sumRows(g.multiply(p, dp)));
        Tensor perHead = g.reshape(each, new Shape(block.queries().count(), widths.heads(), sequences, 1));
        sinks.accumulate(g, g.reshape(g.sumRows(perHead), Shape.of(widths.heads(), sequences)));
    }

    /** {@code [head size, T, key heads, S]} in the shape of the keys. */
    private Tensor likeKeys(GraphBuilder g, Tensor split, Tensor k) {
        return g.contiguous(g.swapMiddle(split), k.shape());
    }

    private Tensor flat(GraphBuilder g, Tensor q) {
        return g.reshape(q, Shape.of((long) widths.headSize() * widths.heads(), (long) tokens * sequences));
    }

    /** Every key with every query, {@code [keys, R, key heads, S]}; capped where the architecture says so. */
    private Tensor scores(GraphBuilder g, Tensor keys, Tensor queries) {
        Tensor scores = g.multiplyMatrices(keys, queries);
        return isCapped() ? SoftCap.forward(g, scores, scales.attention(), scales.attentionCap()) : scores;
    }

    private Tensor dScores(GraphBuilder g, Tensor ds, Tensor scores) {
        return isCapped() ? SoftCap.backward(g, scores, ds, scales.attention(), scales.attentionCap()) : ds;
    }

    private boolean isCapped() {
        return scales.attentionCap() != 0;
    }

    /** A cap needs the scaled scores, so the scale has been applied before the softmax. */
    private float softMaxScale() {
        return isCapped() ? 1 : scales.attention();
    }

    private Tensor probabilities(GraphBuilder g, Tensor scores, Block block) {
        QueryBlock queries = block.queries();
        Tensor perHead = g.reshape(scores, new Shape(queries.keys(), queries.count(), widths.heads(), sequences));
        return g.reshape(g.softMax(perHead, block.mask(), softMaxScale(), sinkScores()), scores.shape());
    }
}
