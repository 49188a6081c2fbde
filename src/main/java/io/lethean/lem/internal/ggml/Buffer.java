package io.lethean.lem.internal.ggml;

import io.lethean.lem.NativeCallException;
import io.lethean.lem.internal.ffi.LlamaCpp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Owns memory of a backend that holds the elements of tensors. Close it after the last graph that uses them. */
public final class Buffer implements AutoCloseable {

    private final Arena arena = Arena.ofShared();
    private final MemorySegment handle;

    Buffer(MemorySegment pointer, String function, String what) {
        if (pointer.equals(MemorySegment.NULL)) {
            throw new NativeCallException("Could not get memory for " + what + ".", function, 0);
        }
        handle = pointer.reinterpret(arena, LlamaCpp::ggml_backend_buffer_free);
    }

    MemorySegment handle() {
        return handle;
    }

    public long bytes() {
        return LlamaCpp.ggml_backend_buffer_get_size(handle);
    }

    /** Sets every byte to zero. */
    public void clear() {
        LlamaCpp.ggml_backend_buffer_clear(handle, (byte) 0);
    }

    /**
     * Gives a tensor the memory at a distance from the buffer's start.
     *
     * @throws IllegalArgumentException if it does not fit there or already has memory
     */
    public void place(Tensor tensor, long offset) {
        long size = LlamaCpp.ggml_backend_buffer_get_alloc_size(handle, tensor.handle());
        if (offset < 0 || offset > bytes() - size) {
            throw new IllegalArgumentException("The tensor " + tensor + " needs " + size + " bytes at " + offset
                    + ", and the buffer has " + bytes() + ".");
        }
        placeAt(
                tensor,
                MemorySegment.ofAddress(
                        LlamaCpp.ggml_backend_buffer_get_base(handle).address() + offset));
    }

    /** Makes the result of an operation land in the memory of a tensor of this buffer that is at least as large. */
    public void placeOver(Tensor node, Tensor target) {
        if (!target.hasMemory() || node.bytes() > target.bytes() || !node.isContiguous()) {
            throw new IllegalArgumentException("The result " + node + " cannot be written over " + target + ".");
        }
        placeAt(node, target.address());
    }

    private void placeAt(Tensor tensor, MemorySegment address) {
        if (tensor.hasMemory() || tensor.isView()) {
            throw new IllegalArgumentException("The tensor " + tensor + " already has memory.");
        }
        int status = LlamaCpp.ggml_backend_tensor_alloc(handle, tensor.handle(), address);
        if (status != LlamaCpp.GGML_STATUS_SUCCESS()) {
            throw new NativeCallException(
                    "The tensor " + tensor + " could not be given memory.", "ggml_backend_tensor_alloc", status);
        }
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
