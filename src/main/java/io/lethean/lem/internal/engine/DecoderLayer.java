package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.GraphBuilder;
import io.lethean.lem.internal.ggml.Shape;
import io.lethean.lem.internal.ggml.Tensor;
import io.lethean.lem.train.options.Target;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One decoder layer, forward and backward. Both read like the formulas:
 *
 * <pre>
 * M = X + post(Wo attention(rope(norm(Wq n)), rope(norm(Wk n)), Wv n))    n = norm(X)
 * Y = M + post(Wdown (act(Wgate n) * Wup n))                              n = norm(M)
 * </pre>
 *
 * <p>The norms of the heads and the post norms are there where the architecture has them.
 *
 * @param spec the decoder
 * @param layer what is particular to this layer
 * @param weights its weights
 * @param feedForward the gated activation
 * @param attention for the shape of the batch
 * @param inputs positions and mask of the batch
 */
record DecoderLayer(
        DecoderSpec spec,
        LayerSpec layer,
        LayerWeights weights,
        FeedForward feedForward,
        Attention attention,
        Inputs inputs) {

    /**
     * What a batch brings to a layer.
     *
     * @param positions one per token
     * @param seen what queries see, for this layer's window
     * @param masks of dropout; empty without dropout
     */
    record Inputs(Tensor positions, Attention.Seen seen, Map<Target, Tensor> masks) {}

    /** Queries, keys and values as attention reads them. */
    private record Rotated(Tensor q, Tensor k, Tensor v) {}

    /**
     * The layer's result.
     *
     * @param x {@code [d, N]}
     * @param kept gets what {@link #backward} will need
     */
    Tensor forward(GraphBuilder g, Tensor x, Activations kept) {
        Tensor n = weights.attentionNorm().forward(g, x);
        kept.keep(KeptActivation.Q, project(g, Target.Q, n, kept));
        kept.keep(KeptActivation.K, project(g, Target.K, n, kept));
        kept.keep(KeptActivation.V, project(g, Target.V, n, kept));
        Rotated r = rotate(g, kept);
        Tensor heads = kept.keep(KeptActivation.HEADS, attention.forward(g, r.q(), r.k(), r.v(), inputs.seen()));
        kept.keep(
                KeptActivation.MIDDLE,
                project(g, Target.O, heads, kept, weights.attentionPostNorm() == null ? x : null));
        Tensor middle = middle(g, x, kept);

        Tensor m = weights.feedForwardNorm().forward(g, middle);
        Tensor gate = kept.keep(KeptActivation.GATE, project(g, Target.GATE, m, kept));
        Tensor up = kept.keep(KeptActivation.UP, project(g, Target.UP, m, kept));
        Tensor hidden = feedForward.forward(g, gate, up);
        RmsNorm post = weights.feedForwardPostNorm();
        return post == null
                ? project(g, Target.DOWN, hidden, kept, middle)
                : g.add(middle, post.forward(g, kept.keep(KeptActivation.DOWN, project(g, Target.DOWN, hidden, kept))));
    }

    /**
     * Adds to the gradients of what is trained in the layer.
     *
     * @param x what {@link #forward} read
     * @param kept what it kept
     * @param dy the gradient of its result
     * @param lowest true if nothing below needs a gradient
     * @return the gradient of x; null if this is the lowest layer
     */
    @Nullable
    Tensor backward(GraphBuilder g, Tensor x, Activations kept, Tensor dy, boolean lowest) {
        Tensor middle = middle(g, x, kept);
        Tensor dMiddle = g.add(dy, feedForwardBack(g, middle, kept, dy));
        RmsNorm post = weights.attentionPostNorm();
        Tensor dOut = post == null ? dMiddle : post.backward(g, kept.get(KeptActivation.MIDDLE), dMiddle);
        Tensor dHeads = projectBack(g, Target.O, kept.get(KeptActivation.HEADS), kept, dOut);

        Rotated r = rotate(g, kept);
        Attention.Gradients d = attention.backward(g, r.q(), r.k(), r.v(), inputs.seen(), dHeads);
        Tensor dq = flat(g, rotateBack(g, kept.get(KeptActivation.Q), d.dq(), weights.queryNorm()));
        Tensor dk = flat(g, rotateBack(g, kept.get(KeptActivation.K), d.dk(), weights.keyNorm()));
        Tensor dv = flat(g, d.dv());
        Tensor n = weights.attentionNorm().forward(g, x);
        if (lowest) {
            weights.projection(Target.Q).backwardHere(g, n, inputs.masks().get(Target.Q), kept, dq);
            weights.projection(Target.K).backwardHere(g, n, inputs.masks().get(Target.K), kept, dk);
            weights.projection(Target.V).backwardHere(g, n, inputs.masks().get(Target.V), kept, dv);
            return null;
        }
        ProductSum dn = new ProductSum();
        projectBack(g, Target.Q, n, kept, dq, dn);
        projectBack(g, Target.K, n, kept, dk, dn);
        projectBack(g, Target.V, n, kept, dv, dn);
        return g.add(dMiddle, weights.attentionNorm().backward(g, x, dn.compute(g)));
    }

    /** The gradient of the layer's middle through the feed-forward part alone. */
    private Tensor feedForwardBack(GraphBuilder g, Tensor middle, Activations kept, Tensor dy) {
        Tensor gate = kept.get(KeptActivation.GATE);
        Tensor up = kept.get(KeptActivation.UP);
        RmsNorm post = weights.feedForwardPostNorm();
        Tensor dDown = post == null ? dy : post.backward(g, kept.get(KeptActivation.DOWN), dy);
        FeedForward.Backward back = feedForward.backward(g, gate, up);
        Tensor dHidden = projectBack(g, Target.DOWN, back.hidden(), kept, dDown);
        FeedForward.Gradients d = back.gradients().apply(dHidden);
        Tensor m = weights.feedForwardNorm().forward(g, middle);
        ProductSum dm = new ProductSum();
        projectBack(g, Target.GATE, m, kept, d.dGate(), dm);
        projectBack(g, Target.UP, m, kept, d.dUp(), dm);
        return weights.feedForwardNorm().backward(g, middle, dm.compute(g));
    }

    private Tensor middle(GraphBuilder g, Tensor x, Activations kept) {
        RmsNorm post = weights.attentionPostNorm();
        Tensor middle = kept.get(KeptActivation.MIDDLE);
        return post == null ? middle : g.add(x, post.forward(g, middle));
    }

    private Rotated rotate(GraphBuilder g, Activations kept) {
        return new Rotated(
                rotate(g, kept.get(KeptActivation.Q), weights.queryNorm()),
                rotate(g, kept.get(KeptActivation.K), weights.keyNorm()),
                heads(g, kept.get(KeptActivation.V)));
    }

    private Tensor rotate(GraphBuilder g, Tensor projected, @Nullable RmsNorm norm) {
        Tensor heads = heads(g, projected);
        Tensor normed = norm == null ? heads : norm.forward(g, heads);
        return g.rope(normed, inputs.positions(), weights.ropeFactors(), layer.rope());
    }

    private Tensor rotateBack(GraphBuilder g, Tensor projected, Tensor dRotated, @Nullable RmsNorm norm) {
        Tensor back = g.ropeBack(dRotated, inputs.positions(), weights.ropeFactors(), layer.rope());
        return norm == null ? back : norm.backward(g, heads(g, projected), back);
    }

    /** {@code [heads * head size, N] -> [head size, heads, N]}. */
    private Tensor heads(GraphBuilder g, Tensor x) {
        return g.reshape(
                x,
                Shape.of(
                        spec.widths().headSize(),
                        x.shape().n0() / spec.widths().headSize(),
                        x.shape().n1()));
    }

    private Tensor flat(GraphBuilder g, Tensor x) {
        return g.reshape(x, Shape.of(x.shape().n0() * x.shape().n1(), x.shape().n2()));
    }

    private Tensor project(GraphBuilder g, Target target, Tensor x, Activations kept) {
        return project(g, target, x, kept, null);
    }

    private Tensor project(GraphBuilder g, Target target, Tensor x, Activations kept, @Nullable Tensor residual) {
        return weights.projection(target).forward(g, x, inputs.masks().get(target), kept, residual);
    }

    private Tensor projectBack(GraphBuilder g, Target target, Tensor x, Activations kept, Tensor dy) {
        ProductSum dx = new ProductSum();
        projectBack(g, target, x, kept, dy, dx);
        return dx.compute(g);
    }

    private void projectBack(GraphBuilder g, Target target, Tensor x, Activations kept, Tensor dy, ProductSum dx) {
        weights.projection(target).backward(g, x, inputs.masks().get(target), kept, dy, dx);
    }
}
