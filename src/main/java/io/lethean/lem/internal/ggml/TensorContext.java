package io.lethean.lem.internal.ggml;

import io.lethean.lem.NativeCallException;
import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.ffi.ggml_init_params;
import io.lethean.lem.internal.gguf.GgmlType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;

/**
 * Owns the descriptions of a bounded number of tensors, and of graphs made of them.
 *
 * <p>ggml ends the process when this memory runs out, so the number is counted here and exceeding it is an exception.
 */
public final class TensorContext implements AutoCloseable {

    private final Arena arena = Arena.ofShared();
    private final MemorySegment handle;
    private final int capacity;
    private int used;

    /** @param capacity tensors that may be described, views and results of operations included */
    public TensorContext(int capacity) {
        this(capacity, 0);
    }

    TensorContext(int capacity, long graphBytes) {
        this.capacity = capacity;
        // A view allocates no more than a tensor; the margin covers alignment.
        long bytes = (capacity + 2L) * LlamaCpp.ggml_tensor_overhead() + graphBytes + 1024;
        try (Arena call = Arena.ofConfined()) {
            MemorySegment params = ggml_init_params.allocate(call);
            ggml_init_params.mem_size(params, bytes);
            ggml_init_params.mem_buffer(params, MemorySegment.NULL);
            ggml_init_params.no_alloc(params, true);
            MemorySegment context = LlamaCpp.ggml_init(params);
            if (context.equals(MemorySegment.NULL)) {
                throw new NativeCallException(
                        "Could not get " + bytes + " bytes for descriptions of tensors.", "ggml_init", 0);
            }
            handle = context.reinterpret(arena, LlamaCpp::ggml_free);
        }
    }

    MemorySegment handle() {
        return handle;
    }

    /** Reserves the description of one more tensor. */
    void reserve() {
        if (used >= capacity) {
            throw new IllegalStateException(
                    "This context was made for " + capacity + " tensors and all are in use; make it larger.");
        }
        used++;
    }

    /** Describes a tensor that has no memory yet. */
    public Tensor tensor(String name, GgmlType type, Shape shape) {
        type.rowBytes(shape.n0());
        reserve();
        return wrap(LlamaCpp.ggml_new_tensor_4d(handle, type.id(), shape.n0(), shape.n1(), shape.n2(), shape.n3()))
                .named(name);
    }

    /** A tensor that ggml made in this context. */
    Tensor wrap(MemorySegment pointer) {
        return Tensor.wrap(pointer, arena);
    }

    /** Memory of zeros that lives as long as the context. */
    MemorySegment allocate(MemoryLayout layout) {
        return arena.allocate(layout);
    }

    /** Memory that ggml made in this context. */
    MemorySegment own(MemorySegment pointer) {
        return pointer.reinterpret(arena, null);
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
