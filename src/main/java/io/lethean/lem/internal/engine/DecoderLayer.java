package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.GraphBuilder;
import io.lethean.lem.internal.ggml.Shape;
import io.lethean.lem.internal.ggml.Tensor;
import io.lethean.lem.train.options.Target;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One decoder layer, forward and backward. Both read like the formulas:
 *
 * <pre>
 * M = X + post(Wo attention(rope(norm(Wq n)), rope(norm(Wk n)), norm(Wv n)))    n = norm(X)
 * Y = M + post(Wdown (act(Wgate n) * Wup n))                                    n = norm(M)
 * Z = scale (Y + norm(Wi (act(Gi Y) * P)))                                      P is the layer's own input
 * </pre>
 *
 * <p>The second line is another where the feed-forward part is a {@link Mixture}, alone or {@link NextToDense next to a dense
 * part}.
 *
 * <p>The norms of the heads, the post norms and the last line are there where the architecture has them. A layer may use
 * the rotated keys and the values of an earlier layer.
 *
 * @param layer what is particular to this layer
 * @param weights its weights
 * @param feedForward the gated activation
 * @param attention for the shape of the batch
 * @param inputs positions and mask of the batch
 * @param memory what it has in common with other layers
 */
record DecoderLayer(
        LayerSpec layer,
        LayerWeights weights,
        FeedForward feedForward,
        Attention attention,
        Inputs inputs,
        LayerMemory memory) {

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
        if (layer.has(Target.K)) {
            kept.keep(KeptActivation.K, project(g, Target.K, n, kept));
        }
        if (layer.has(Target.V)) {
            kept.keep(KeptActivation.V, project(g, Target.V, n, kept));
        }
        Rotated r = rotate(g, kept);
        if (memory.keys() != null && layer.hasKeys()) {
            memory.keys().place(r.k(), r.v());
        }
        Tensor heads = kept.keep(KeptActivation.HEADS, attention.forward(g, r.q(), r.k(), r.v(), inputs.seen()));
        kept.keep(
                KeptActivation.MIDDLE,
                project(g, Target.O, heads, kept, weights.attentionPostNorm() == null ? x : null));
        Tensor middle = middle(g, x, kept);

        Tensor m = weights.feedForwardNorm().forward(g, middle);
        Mixture mixture = weights.mixture();
        NextToDense next = weights.nextToDense();
        if (mixture != null && next == null) {
            return mixture.forward(g, m, m, feedForward, kept, middle);
        }
        Tensor gate = kept.keep(gate(), project(g, Target.GATE, m, kept));
        Tensor up = kept.keep(up(), project(g, Target.UP, m, kept));
        Tensor hidden = feedForward.forward(g, gate, up);
        if (mixture != null && next != null) {
            return ended(g, mixed(g, middle, hidden, mixture, next, kept), kept);
        }
        RmsNorm post = weights.feedForwardPostNorm();
        Tensor y = post == null
                ? project(g, Target.DOWN, hidden, kept, middle)
                : g.add(middle, post.forward(g, kept.keep(KeptActivation.DOWN, project(g, Target.DOWN, hidden, kept))));
        return ended(g, y, kept);
    }

    /** Adds the dense part and the mixture next to it to the layer's middle. */
    private Tensor mixed(
            GraphBuilder g, Tensor middle, Tensor hidden, Mixture mixture, NextToDense next, Activations kept) {
        Tensor dense = kept.keep(KeptActivation.DENSE_DOWN, project(g, Target.DOWN, hidden, kept));
        Tensor m = next.expertsIn().forward(g, middle);
        Tensor experts =
                kept.keep(KeptActivation.MIXED, mixture.forward(g, m, next.routed(g, middle), feedForward, kept, null));
        Tensor sum = kept.keep(
                KeptActivation.DOWN,
                g.add(next.denseOut().forward(g, dense), next.expertsOut().forward(g, experts)));
        RmsNorm post = Objects.requireNonNull(weights.feedForwardPostNorm());
        return g.add(middle, post.forward(g, sum));
    }

    private KeptActivation gate() {
        return weights.nextToDense() == null ? KeptActivation.GATE : KeptActivation.DENSE_GATE;
    }

    private KeptActivation up() {
        return weights.nextToDense() == null ? KeptActivation.UP : KeptActivation.DENSE_UP;
    }

    /** The layer's result with its own input, scaled, where the layer has these. */
    private Tensor ended(GraphBuilder g, Tensor y, Activations kept) {
        Tensor sum = memory.inputs() == null || weights.input() == null
                ? y
                : weights.input().forward(g, feedForward, y, LayerInputs.of(g, memory.inputs(), layer.index()), kept);
        return weights.outputScale() == null
                ? sum
                : g.multiply(sum, weights.outputScale().vector());
    }

    /** The gradient of what {@link #ended} was given. */
    private Tensor endedBack(GraphBuilder g, Tensor x, Activations kept, Tensor d) {
        LayerInput input = weights.input();
        WeightVector scale = weights.outputScale();
        Tensor gradients = input == null ? null : memory.inputGradients();
        boolean trains = gradients != null || scale != null && scale.isTrained();
        Tensor y = trains ? beforeEnd(g, x, kept) : null;
        if (y != null && scale != null && scale.isTrained()) {
            Tensor perRow = g.sumRows(g.multiply(d, input == null ? y : input.again(g, y, kept)));
            scale.accumulate(g, g.sumRows(g.reshape(perRow, Shape.of(d.shape().n1()))));
        }
        Tensor dSum = scale == null ? d : g.multiply(d, scale.vector());
        if (memory.inputs() == null || input == null) {
            return dSum;
        }
        Tensor own = LayerInputs.of(g, memory.inputs(), layer.index());
        LayerInput.Trained trained = y == null || gradients == null
                ? null
                : new LayerInput.Trained(y, LayerInputs.of(g, gradients, layer.index()));
        return input.backward(g, feedForward, own, kept, dSum, trained);
    }

    /** What {@link #ended} was given, in an architecture with post norms. */
    private Tensor beforeEnd(GraphBuilder g, Tensor x, Activations kept) {
        RmsNorm post = Objects.requireNonNull(weights.feedForwardPostNorm());
        return g.add(middle(g, x, kept), post.forward(g, kept.get(KeptActivation.DOWN)));
    }

    /**
     * Adds to the gradients of what is trained in the layer.
     *
     * @param x what {@link #forward} read
     * @param kept what it kept
     * @param dEnd the gradient of its result
     * @param lowest true if nothing below needs a gradient
     * @return the gradient of x; null if this is the lowest layer
     */
    @Nullable
    Tensor backward(GraphBuilder g, Tensor x, Activations kept, Tensor dEnd, boolean lowest) {
        Tensor dy = endedBack(g, x, kept, dEnd);
        Tensor middle = middle(g, x, kept);
        Tensor dMiddle = g.add(dy, feedForwardBack(g, middle, kept, dy));
        RmsNorm post = weights.attentionPostNorm();
        Tensor dOut = post == null ? dMiddle : post.backward(g, kept.get(KeptActivation.MIDDLE), dMiddle);
        Tensor dHeads = projectBack(g, Target.O, kept.get(KeptActivation.HEADS), kept, dOut);

        Rotated r = rotate(g, kept);
        Map<Target, Tensor> projected =
                projectedBack(g, kept, attention.backward(g, r.q(), r.k(), r.v(), inputs.seen(), dHeads));
        Tensor n = weights.attentionNorm().forward(g, x);
        if (lowest) {
            projected.forEach((target, d) ->
                    weights.projection(target).backwardHere(g, n, inputs.masks().get(target), kept, d));
            return null;
        }
        ProductSum dn = new ProductSum();
        projected.forEach((target, d) -> projectBack(g, target, n, kept, d, dn));
        return g.add(dMiddle, weights.attentionNorm().backward(g, x, dn.compute(g)));
    }

    /**
     * The gradients of the results of the projections to queries, keys and values, as many as the layer has.
     *
     * @param d of queries, keys and values as attention read them
     */
    private Map<Target, Tensor> projectedBack(GraphBuilder g, Activations kept, Attention.Gradients d) {
        Map<Target, Tensor> projected = new EnumMap<>(Target.class);
        projected.put(Target.Q, flat(g, rotateBack(g, kept.get(KeptActivation.Q), d.dq(), weights.queryNorm())));
        if (!layer.hasKeys()) {
            keysOfOthers().add(g, d);
            return projected;
        }
        Attention.Gradients all = memory.keys() == null ? d : memory.keys().total(g, d);
        Tensor dk = flat(g, rotateBack(g, kept.get(KeptActivation.K), all.dk(), weights.keyNorm()));
        RmsNorm norm = weights.valueNorm();
        Tensor dv = flat(g, norm == null ? all.dv() : norm.backward(g, heads(g, values(kept)), all.dv()));
        projected.put(Target.K, layer.has(Target.V) ? dk : g.add(dk, dv));
        if (layer.has(Target.V)) {
            projected.put(Target.V, dv);
        }
        return projected;
    }

    private SharedKeys keysOfOthers() {
        return Objects.requireNonNull(memory.keys());
    }

    /** The gradient of the layer's middle through the feed-forward part alone. */
    private Tensor feedForwardBack(GraphBuilder g, Tensor middle, Activations kept, Tensor dy) {
        Mixture mixture = weights.mixture();
        NextToDense next = weights.nextToDense();
        if (mixture != null && next == null) {
            Tensor m = weights.feedForwardNorm().forward(g, middle);
            ProductSum dm = new ProductSum();
            dm.add(g, mixture.backward(g, m, m, feedForward, kept, dy, dm));
            return weights.feedForwardNorm().backward(g, middle, dm.compute(g));
        }
        RmsNorm post = weights.feedForwardPostNorm();
        Tensor dDown = post == null ? dy : post.backward(g, kept.get(KeptActivation.DOWN), dy);
        if (mixture == null || next == null) {
            return denseBack(g, middle, kept, dDown);
        }
        Tensor dDense = next.denseOut().backward(g, kept.get(KeptActivation.DENSE_DOWN), dDown);
        Tensor dThroughDense = denseBack(g, middle, kept, dDense);
        ProductSum dr = new ProductSum();
        Tensor dm = mixture.backward(
                g,
                next.expertsIn().forward(g, middle),
                next.routed(g, middle),
                feedForward,
                kept,
                next.expertsOut().backward(g, kept.get(KeptActivation.MIXED), dDown),
                dr);
        Tensor dThroughExperts = next.expertsIn().backward(g, middle, dm);
        return g.add(g.add(dThroughDense, dThroughExperts), next.routedBack(g, middle, dr.compute(g)));
    }

    /** The gradient of the layer's middle through the dense part, from that of its down projection's result. */
    private Tensor denseBack(GraphBuilder g, Tensor middle, Activations kept, Tensor dDown) {
        Tensor gate = kept.get(gate());
        Tensor up = kept.get(up());
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
        Tensor q = rotate(g, kept.get(KeptActivation.Q), weights.queryNorm());
        if (!layer.hasKeys()) {
            return new Rotated(q, keysOfOthers().k(), keysOfOthers().v());
        }
        Tensor k = rotate(g, kept.get(KeptActivation.K), weights.keyNorm());
        Tensor v = heads(g, values(kept));
        return new Rotated(
                q, k, weights.valueNorm() == null ? v : weights.valueNorm().forward(g, v));
    }

    /** What was projected to values. */
    private Tensor values(Activations kept) {
        return kept.get(layer.has(Target.V) ? KeptActivation.V : KeptActivation.K);
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
        int size = layer.widths().headSize();
        return g.reshape(x, Shape.of(size, x.shape().n0() / size, x.shape().n1()));
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
