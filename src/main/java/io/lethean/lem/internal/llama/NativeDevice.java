package io.lethean.lem.internal.llama;

import io.lethean.lem.internal.ffi.LlamaCpp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * A device that a loaded backend found.
 *
 * @param address its handle, which lives as long as the process
 * @param name such as {@code CPU} or {@code CUDA0}
 * @param description in words
 * @param gpu whether it is a GPU
 * @param freeBytes free memory; 0 where unknown
 * @param totalBytes memory; 0 where unknown
 */
public record NativeDevice(
        MemorySegment address, String name, String description, boolean gpu, long freeBytes, long totalBytes) {

    /** The devices that are present, in ggml's order. */
    public static List<NativeDevice> detect() {
        List<NativeDevice> found = new ArrayList<>();
        long count = LlamaCpp.ggml_backend_dev_count();
        for (long i = 0; i < count; i++) {
            found.add(describe(LlamaCpp.ggml_backend_dev_get(i)));
        }
        return List.copyOf(found);
    }

    private static NativeDevice describe(MemorySegment address) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment free = arena.allocate(ValueLayout.JAVA_LONG);
            MemorySegment total = arena.allocate(ValueLayout.JAVA_LONG);
            LlamaCpp.ggml_backend_dev_memory(address, free, total);
            return new NativeDevice(
                    address,
                    NativeText.read(LlamaCpp.ggml_backend_dev_name(address)),
                    NativeText.read(LlamaCpp.ggml_backend_dev_description(address)),
                    isGpu(LlamaCpp.ggml_backend_dev_type(address)),
                    free.get(ValueLayout.JAVA_LONG, 0),
                    total.get(ValueLayout.JAVA_LONG, 0));
        }
    }

    private static boolean isGpu(int type) {
        return type == LlamaCpp.GGML_BACKEND_DEVICE_TYPE_GPU() || type == LlamaCpp.GGML_BACKEND_DEVICE_TYPE_IGPU();
    }
}
