package io.lethean.lem.internal.ggml;

import io.lethean.lem.NativeCallException;
import io.lethean.lem.internal.ffi.LlamaCpp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Graphs that run one after another and share one working memory, as large as the hungriest of them needs.
 *
 * <p>The allocator frees its memory when it has to grow, and a graph that was placed before keeps pointing there. So
 * all graphs are measured first, then each is placed once, and nothing can be added afterwards.
 */
public final class GraphGroup implements AutoCloseable {

    private final Arena arena = Arena.ofShared();
    private final MemorySegment allocator;
    private final List<GraphBuilder> builders = new ArrayList<>();
    private final Backend backend;
    private final Derivatives.Choice choice;
    private boolean allocated;

    public GraphGroup(Backend backend, Derivatives.Choice choice) {
        this.backend = backend;
        this.choice = choice;
        MemorySegment pointer = LlamaCpp.ggml_gallocr_new(backend.bufferType());
        if (pointer.equals(MemorySegment.NULL)) {
            throw new NativeCallException("Could not make an allocator for graphs.", "ggml_gallocr_new", 0);
        }
        allocator = pointer.reinterpret(arena, LlamaCpp::ggml_gallocr_free);
    }

    /**
     * Starts a graph of this group.
     *
     * @param name for messages
     * @param capacity operations and views that it may have
     */
    public GraphBuilder graph(String name, int capacity) {
        if (allocated) {
            throw new IllegalStateException(
                    "This group of graphs has its memory; a graph " + name + " comes too late.");
        }
        GraphBuilder builder = new GraphBuilder(backend, choice, name, capacity);
        builders.add(builder);
        return builder;
    }

    /** Gives every graph of the group its memory. Once. */
    public void allocate() {
        if (allocated) {
            throw new IllegalStateException("This group of graphs already has its memory.");
        }
        allocated = true;
        for (GraphBuilder builder : builders) {
            require(LlamaCpp.ggml_gallocr_reserve(allocator, builder.graph().handle()), builder.graph());
        }
        long measured = bytes();
        for (GraphBuilder builder : builders) {
            require(LlamaCpp.ggml_gallocr_alloc_graph(allocator, builder.graph().handle()), builder.graph());
            if (bytes() != measured) {
                throw new IllegalStateException("The working memory moved while the graph " + builder.graph()
                        + " was placed: " + measured + " bytes became " + bytes() + ".");
            }
            builder.graph().markReady();
        }
    }

    private static void require(boolean success, Graph graph) {
        if (!success) {
            throw new NativeCallException(
                    "Could not get working memory for the graph " + graph + ".", "ggml_gallocr_reserve", 0);
        }
    }

    /** Bytes of the working memory. */
    public long bytes() {
        return LlamaCpp.ggml_gallocr_get_buffer_size(allocator, 0);
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
            builders.forEach(GraphBuilder::close);
        }
    }
}
