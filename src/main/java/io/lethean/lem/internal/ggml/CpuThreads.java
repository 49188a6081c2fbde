package io.lethean.lem.internal.ggml;

import static java.lang.foreign.ValueLayout.ADDRESS;

import io.lethean.lem.internal.ffi.ggml_backend_set_n_threads_t;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Sets how many threads a CPU backend computes with, and gives it a pool of them. */
final class CpuThreads {

    private static final MemorySegment SET_COUNT = CpuThreadPool.address("ggml_backend_set_n_threads");
    private static final MethodHandle SET_POOL =
            CpuThreadPool.function("ggml_backend_cpu_set_threadpool", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS));

    private CpuThreads() {}

    /** @param owner of the pool; closed before or after the backend is freed, which do not touch each other */
    static void attach(Arena owner, MemorySegment backend, int threads) {
        ggml_backend_set_n_threads_t.invoke(SET_COUNT, backend, threads);
        if (threads > 1) {
            usePool(backend, CpuThreadPool.create(owner, threads));
        }
    }

    private static void usePool(MemorySegment backend, MemorySegment pool) {
        try {
            SET_POOL.invokeExact(backend, pool);
        } catch (Throwable impossible) {
            throw new AssertionError("ggml_backend_cpu_set_threadpool does not throw", impossible);
        }
    }
}
