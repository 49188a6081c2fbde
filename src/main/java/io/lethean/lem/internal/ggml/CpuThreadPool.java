package io.lethean.lem.internal.ggml;

import static java.lang.foreign.ValueLayout.ADDRESS;

import io.lethean.lem.NativeCallException;
import io.lethean.lem.internal.ffi.LlamaCpp;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Threads that stay between computations; without them ggml starts and ends threads for every token and graph.
 *
 * <p>The functions are in the CPU backend, which is loaded at run time, so they are looked up by name.
 */
public final class CpuThreadPool {

    private static final MethodHandle NEW = function("ggml_threadpool_new", FunctionDescriptor.of(ADDRESS, ADDRESS));
    private static final MethodHandle FREE = function("ggml_threadpool_free", FunctionDescriptor.ofVoid(ADDRESS));

    private CpuThreadPool() {}

    /**
     * Starts threads that end when the arena is closed.
     *
     * @param owner whoever computes with the pool is freed before it is closed, or does not use the pool while freed
     * @return a {@code ggml_threadpool_t}, never NULL
     */
    public static MemorySegment create(Arena owner, int threads) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment params = LlamaCpp.ggml_threadpool_params_default(call, threads);
            MemorySegment pool = (MemorySegment) NEW.invokeExact(params);
            if (pool.equals(MemorySegment.NULL)) {
                throw new NativeCallException(
                        "ggml could not start " + threads + " threads.", "ggml_threadpool_new", 0);
            }
            return pool.reinterpret(owner, CpuThreadPool::free);
        } catch (RuntimeException | Error failed) {
            throw failed;
        } catch (Throwable impossible) {
            throw new AssertionError("ggml_threadpool_new does not throw", impossible);
        }
    }

    private static void free(MemorySegment pool) {
        try {
            FREE.invokeExact(pool);
        } catch (Throwable impossible) {
            throw new AssertionError("ggml_threadpool_free does not throw", impossible);
        }
    }

    /** A function of the CPU backend. */
    static MethodHandle function(String name, FunctionDescriptor type) {
        return Linker.nativeLinker().downcallHandle(address(name), type);
    }

    static MemorySegment address(String name) {
        MemorySegment cpu = LlamaCpp.ggml_backend_dev_by_type(LlamaCpp.GGML_BACKEND_DEVICE_TYPE_CPU());
        try (Arena call = Arena.ofConfined()) {
            MemorySegment address = LlamaCpp.ggml_backend_reg_get_proc_address(
                    LlamaCpp.ggml_backend_dev_backend_reg(cpu), call.allocateFrom(name));
            if (address.equals(MemorySegment.NULL)) {
                throw new NativeCallException(
                        "The CPU backend has no function " + name + ".", "ggml_backend_reg_get_proc_address", 0);
            }
            return address;
        }
    }
}
