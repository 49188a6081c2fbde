package io.lethean.lem.internal.ggml;

import static java.lang.foreign.ValueLayout.ADDRESS;

import io.lethean.lem.NativeCallException;
import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.ffi.ggml_backend_set_n_threads_t;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Gives a CPU backend threads that stay, because without a pool it starts new ones for every graph.
 *
 * <p>These functions live in the plugin that ggml loads for this CPU and are found by name through it.
 */
final class CpuThreads {

    private static final FunctionDescriptor POINTER_TO_POINTER = FunctionDescriptor.of(ADDRESS, ADDRESS);
    private static final FunctionDescriptor TAKES_POINTER = FunctionDescriptor.ofVoid(ADDRESS);
    private static final FunctionDescriptor TAKES_TWO_POINTERS = FunctionDescriptor.ofVoid(ADDRESS, ADDRESS);

    private CpuThreads() {}

    static void attach(Arena owner, MemorySegment device, MemorySegment backend, int threads) {
        MemorySegment registry = LlamaCpp.ggml_backend_dev_backend_reg(device);
        try (Arena call = Arena.ofConfined()) {
            ggml_backend_set_n_threads_t.invoke(
                    address(registry, "ggml_backend_set_n_threads", call), backend, threads);
            if (threads > 1) {
                attachPool(owner, registry, backend, threads, call);
            }
        }
    }

    private static void attachPool(
            Arena owner, MemorySegment registry, MemorySegment backend, int threads, Arena call) {
        MethodHandle create = function(registry, "ggml_threadpool_new", POINTER_TO_POINTER, call);
        MethodHandle free = function(registry, "ggml_threadpool_free", TAKES_POINTER, call);
        MethodHandle use = function(registry, "ggml_backend_cpu_set_threadpool", TAKES_TWO_POINTERS, call);
        try {
            MemorySegment params = LlamaCpp.ggml_threadpool_params_default(call, threads);
            MemorySegment pool = (MemorySegment) create.invokeExact(params);
            use.invokeExact(backend, pool);
            // In either order with the backend: neither touches the other when it is freed.
            pool.reinterpret(owner, segment -> release(free, segment));
        } catch (Throwable failure) {
            throw new AssertionError("A call into the CPU plugin failed.", failure);
        }
    }

    private static void release(MethodHandle free, MemorySegment pool) {
        try {
            free.invokeExact(pool);
        } catch (Throwable failure) {
            throw new AssertionError("The threads of the CPU backend could not be ended.", failure);
        }
    }

    private static MethodHandle function(
            MemorySegment registry, String name, FunctionDescriptor descriptor, Arena call) {
        return Linker.nativeLinker().downcallHandle(address(registry, name, call), descriptor);
    }

    private static MemorySegment address(MemorySegment registry, String name, Arena call) {
        MemorySegment address = LlamaCpp.ggml_backend_reg_get_proc_address(registry, call.allocateFrom(name));
        if (address.equals(MemorySegment.NULL)) {
            throw new NativeCallException(
                    "The CPU plugin has no function " + name + ".", "ggml_backend_reg_get_proc_address", 0);
        }
        return address;
    }
}
