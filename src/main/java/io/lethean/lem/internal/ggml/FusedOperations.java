package io.lethean.lem.internal.ggml;

import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.ffi.lem_attention_work;
import io.lethean.lem.internal.ffi.lem_clamped_gate_work;
import io.lethean.lem.internal.gguf.GgmlType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Operations of training that the shim computes in one pass on the CPU, where ggml needs several. Results do not depend on
 * the number of threads.
 */
public final class FusedOperations {

    /** KV heads times parts of the gradients of keys and values: enough work for this many threads. */
    private static final int ATTENTION_PIECES = 8;

    private final GraphBuilder g;
    private final TensorContext context;

    FusedOperations(GraphBuilder builder, TensorContext context) {
        g = builder;
        this.context = context;
    }

    /**
     * What attention reads.
     *
     * @param q {@code [head size, heads, N]}
     * @param k {@code [head size, KV heads, N]}
     * @param v as k
     * @param first the first row that each row sees, i32 {@code [N]}, never decreasing; it sees the rows from there to itself
     * @param scale of the scores
     * @param cap scores are between -cap and cap; 0 for no cap
     * @param sinks one more score per head, which has no value, {@code [heads]}; null without sinks
     */
    public record AttentionInput(
            Tensor q,
            Tensor k,
            Tensor v,
            Tensor first,
            float scale,
            float cap,
            @Nullable Tensor sinks) {

        private Tensor[] with(Tensor... more) {
            List<Tensor> all = new ArrayList<>(List.of(q, k, v, first));
            all.addAll(List.of(more));
            if (sinks != null) {
                all.add(sinks);
            }
            return all.toArray(Tensor[]::new);
        }
    }

    /**
     * The gradients that {@link #attentionBack} finds.
     *
     * @param dq in the shape of q
     * @param dk in the shape of k
     * @param dv in the shape of v
     * @param dSinks what each row adds to the gradients of the sinks, {@code [heads, N]}; null without sinks
     */
    public record AttentionGradients(
            Tensor dq, Tensor dk, Tensor dv, @Nullable Tensor dSinks) {}

    /** Both gradients of a gate, in its shape. */
    public record GateGradients(Tensor dGate, Tensor dUp) {}

    /** Softmax attention, {@code [head size * heads, N]}. */
    public Tensor attention(AttentionInput in) {
        check(in, in.q());
        Shape shape = Shape.of(
                in.q().shape().n0() * in.q().shape().n1(), in.q().shape().n2());
        return node("attention", shape, Functions.ATTENTION, work(in, 1), in.with());
    }

    /** How many times the gradients of keys and values are in the working memory of {@link #attentionBack}. */
    public static int attentionParts(int keyHeads) {
        return Math.ceilDiv(ATTENTION_PIECES, keyHeads);
    }

    /** @param dOut the gradient of what {@link #attention} returned */
    public AttentionGradients attentionBack(AttentionInput in, Tensor dOut) {
        check(in, dOut);
        int parts = attentionParts((int) in.k().shape().n1());
        long queries = in.q().shape().elements();
        long keys = in.k().shape().elements();
        long before = queries + 2L * parts * keys;
        Shape sinks = Shape.of(in.q().shape().n1(), in.q().shape().n2());
        Tensor all = node(
                "attention back",
                Shape.of(before + (in.sinks() == null ? 0 : sinks.elements())),
                Functions.ATTENTION_BACK,
                work(in, parts),
                in.with(dOut));
        return new AttentionGradients(
                part(all, 0, queries, in.q().shape()),
                sum(all, queries, parts, in.k().shape()),
                sum(all, queries + parts * keys, parts, in.v().shape()),
                in.sinks() == null ? null : part(all, before, sinks.elements(), sinks));
    }

    private void check(AttentionInput in, Tensor dOut) {
        Shape q = in.q().shape();
        Shape k = in.k().shape();
        g.check(
                k.equals(in.v().shape())
                        && k.n0() == q.n0()
                        && q.n1() % k.n1() == 0
                        && k.n2() == q.n2()
                        && q.n3() == 1
                        && dOut.shape().elements() == q.elements()
                        && in.first().type() == GgmlType.I32
                        && in.first().shape().equals(Shape.of(q.n2()))
                        && isPlain(in.q(), in.k(), in.v(), dOut)
                        && (in.sinks() == null
                                || isPlain(in.sinks()) && in.sinks().shape().equals(Shape.of(q.n1()))),
                "attention",
                in.q(),
                in.k(),
                in.v(),
                in.first(),
                dOut);
    }

    private static boolean isPlain(Tensor... tensors) {
        return Arrays.stream(tensors).allMatch(each -> each.type() == GgmlType.F32 && each.isContiguous());
    }

    private MemorySegment work(AttentionInput in, int parts) {
        MemorySegment work = context.allocate(lem_attention_work.layout());
        lem_attention_work.scale(work, in.scale());
        lem_attention_work.cap(work, in.cap());
        lem_attention_work.parts(work, parts);
        return work;
    }

    private Tensor part(Tensor all, long from, long count, Shape shape) {
        return g.reshape(g.slice(all, 0, from, count), shape);
    }

    private Tensor sum(Tensor all, long from, int parts, Shape shape) {
        Tensor each = part(all, from, parts * shape.elements(), Shape.of(shape.elements(), parts));
        return parts == 1
                ? g.reshape(each, shape)
                : node("sum of parts", shape, Functions.SUM_PARTS, MemorySegment.NULL, each);
    }

    /** {@code gelu(gate) * up}; gelu is computed, not read from a table. */
    public Tensor geluGate(Tensor gate, Tensor up) {
        g.checkSameShape("gelu gate", gate, up);
        return node("gate", gate.shape(), Functions.GELU_GATE, MemorySegment.NULL, gate, up);
    }

    /** The gradients of {@code silu(gate) * up} from that of the product. */
    public GateGradients siluGateBack(Tensor gate, Tensor up, Tensor d) {
        return gateBack(Functions.SILU_GATE_BACK, gate, up, d);
    }

    /** The gradients of {@code gelu(gate) * up} from that of the product. */
    public GateGradients geluGateBack(Tensor gate, Tensor up, Tensor d) {
        return gateBack(Functions.GELU_GATE_BACK, gate, up, d);
    }

    /** The gradients of {@link GraphBuilder#clampedGate} from that of its result. */
    public GateGradients clampedGateBack(Tensor gate, Tensor up, Tensor d, float alpha, float limit) {
        MemorySegment work = context.allocate(lem_clamped_gate_work.layout());
        lem_clamped_gate_work.alpha(work, alpha);
        lem_clamped_gate_work.limit(work, limit);
        return gateBack(Functions.CLAMPED_GATE_BACK, work, gate, up, d);
    }

    private GateGradients gateBack(MemorySegment function, Tensor gate, Tensor up, Tensor d) {
        return gateBack(function, MemorySegment.NULL, gate, up, d);
    }

    private GateGradients gateBack(MemorySegment function, MemorySegment work, Tensor gate, Tensor up, Tensor d) {
        g.checkSameShape("gradient of a gate", gate, up);
        g.checkSameShape("gradient of a gate", gate, d);
        long count = gate.shape().elements();
        Tensor both = node("gate back", Shape.of(2 * count), function, work, gate, up, d);
        return new GateGradients(part(both, 0, count, gate.shape()), part(both, count, count, gate.shape()));
    }

    private Tensor node(String name, Shape shape, MemorySegment function, MemorySegment work, Tensor... operands) {
        g.add();
        return g.node(CustomOperation.node(context, name, shape, List.of(operands), function, work));
    }

    /** Found at first use, after the libraries were loaded. */
    private static final class Functions {
        static final MemorySegment ATTENTION = LlamaCpp.lem_attention$address();
        static final MemorySegment ATTENTION_BACK = LlamaCpp.lem_attention_back$address();
        static final MemorySegment SUM_PARTS = LlamaCpp.lem_sum_parts$address();
        static final MemorySegment GELU_GATE = LlamaCpp.lem_gelu_gate$address();
        static final MemorySegment SILU_GATE_BACK = LlamaCpp.lem_silu_gate_back$address();
        static final MemorySegment GELU_GATE_BACK = LlamaCpp.lem_gelu_gate_back$address();
        static final MemorySegment CLAMPED_GATE_BACK = LlamaCpp.lem_clamped_gate_back$address();
    }
}
