package io.lethean.lem.model;

import io.lethean.lem.internal.ffi.LlamaCpp;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Threads that stay between computations; without them ggml starts and ends threads for every token.
 *
 * <p>The functions live in the backend of the processor, which is loaded at run time, so they are asked for by name.
 */
final class ThreadPool implements AutoCloseable {

    private final MemorySegment handle;

    private ThreadPool(MemorySegment handle) {
        this.handle = handle;
    }

    /** A pool for the context's computations, attached to it; NULL inside where one thread suffices. */
    static ThreadPool attach(MemorySegment context, int threads) {
        if (threads <= 1) {
            return new ThreadPool(MemorySegment.NULL);
        }
        MemorySegment pool = create(threads);
        if (!pool.equals(MemorySegment.NULL)) {
            LlamaCpp.llama_attach_threadpool(context, pool, pool);
        }
        return new ThreadPool(pool);
    }

    private static MemorySegment create(int threads) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment params = LlamaCpp.ggml_threadpool_params_default(arena, threads);
            return (MemorySegment) Functions.NEW.invokeExact(params);
        } catch (Throwable impossible) {
            throw new AssertionError("ggml_threadpool_new does not throw", impossible);
        }
    }

    /** Ends the threads. The context is freed or detached before. */
    @Override
    public void close() {
        if (handle.equals(MemorySegment.NULL)) {
            return;
        }
        try {
            Functions.FREE.invokeExact(handle);
        } catch (Throwable impossible) {
            throw new AssertionError("ggml_threadpool_free does not throw", impossible);
        }
    }

    private static final class Functions {
        static final MethodHandle NEW =
                find("ggml_threadpool_new", FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS));
        static final MethodHandle FREE = find("ggml_threadpool_free", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));

        private static MethodHandle find(String name, FunctionDescriptor type) {
            MemorySegment cpu = LlamaCpp.ggml_backend_dev_by_type(LlamaCpp.GGML_BACKEND_DEVICE_TYPE_CPU());
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment address = LlamaCpp.ggml_backend_reg_get_proc_address(
                        LlamaCpp.ggml_backend_dev_backend_reg(cpu), arena.allocateFrom(name));
                return Linker.nativeLinker().downcallHandle(address, type);
            }
        }
    }
}
