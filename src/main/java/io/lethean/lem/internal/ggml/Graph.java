package io.lethean.lem.internal.ggml;

import java.lang.foreign.MemorySegment;

/**
 * Operations in an order in which they can be computed. Built by a {@link GraphBuilder}, given memory by a {@link
 * GraphGroup}.
 */
public final class Graph {

    private final String name;
    private final MemorySegment handle;
    private final int nodes;
    private boolean ready;

    Graph(String name, MemorySegment handle, int nodes) {
        this.name = name;
        this.handle = handle;
        this.nodes = nodes;
    }

    MemorySegment handle() {
        return handle;
    }

    /** The handle, if the graph has memory. */
    MemorySegment ready() {
        if (!ready) {
            throw new IllegalStateException("The graph " + this + " has no memory yet; give its group memory first.");
        }
        return handle;
    }

    void markReady() {
        ready = true;
    }

    /** For messages. */
    String name() {
        return name;
    }

    /** How many operations there are. */
    public int nodes() {
        return nodes;
    }

    @Override
    public String toString() {
        return name + " of " + nodes + " nodes";
    }
}
