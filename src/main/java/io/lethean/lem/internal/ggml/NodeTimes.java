package io.lethean.lem.internal.ggml;

import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.ffi.ggml_tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * How long each operation of the graphs takes that a backend computes. Each is computed as a graph of its own, so the
 * whole takes a little longer, and operations that the backend would fuse are not fused.
 *
 * <p>One thread at a time.
 */
public final class NodeTimes implements AutoCloseable {

    /**
     * One operation that was computed once.
     *
     * @param graph the name of its graph
     * @param operation ggml's name of it, such as {@code SOFT_MAX}, or that of an operation of the shim, such as {@code product}
     * @param result the shape of its result
     * @param first the shape of its first operand
     * @param ticks by the clock
     */
    public record Time(String graph, String operation, Shape result, Shape first, long ticks) {}

    private static final int CAPACITY = 1;

    private final Arena arena = Arena.ofConfined();
    private final TensorContext context =
            new TensorContext(CAPACITY, LlamaCpp.ggml_graph_overhead_custom(CAPACITY, false));
    private final MemorySegment single = context.own(LlamaCpp.ggml_new_graph_custom(context.handle(), CAPACITY, false));
    private final LongSupplier clock;
    private final List<Time> times = new ArrayList<>();

    /** @param clock counts up, such as {@code System::nanoTime} or the processor time of the computing thread */
    public NodeTimes(LongSupplier clock) {
        this.clock = clock;
    }

    /** The times since the last call. */
    public List<Time> take() {
        List<Time> taken = List.copyOf(times);
        times.clear();
        return taken;
    }

    /** Computes each node of a graph with the given call. */
    void compute(Graph graph, Single call) {
        for (int i = 0; i < graph.nodes(); i++) {
            MemorySegment node =
                    LlamaCpp.ggml_graph_node(graph.ready(), i).reinterpret(ggml_tensor.sizeof(), arena, null);
            LlamaCpp.ggml_graph_clear(single);
            LlamaCpp.ggml_graph_add_node(single, node);
            long begin = clock.getAsLong();
            call.compute(single);
            long ticks = clock.getAsLong() - begin;
            MemorySegment first = ggml_tensor.src(node, 0);
            times.add(new Time(
                    graph.name(),
                    operation(node),
                    Tensor.wrap(node, arena).shape(),
                    Tensor.wrap(first.equals(MemorySegment.NULL) ? node : first, arena)
                            .shape(),
                    ticks));
        }
    }

    private static String operation(MemorySegment node) {
        String name = LlamaCpp.ggml_op_desc(node).getString(0);
        return name.equals("CUSTOM") ? LlamaCpp.ggml_get_name(node).getString(0) : name;
    }

    /** Computes a graph. */
    @FunctionalInterface
    interface Single {
        void compute(MemorySegment graph);
    }

    @Override
    public void close() {
        context.close();
        arena.close();
    }
}
