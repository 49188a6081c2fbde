package io.lethean.lem.internal.ggml;

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
 * @param kind what it is
 * @param freeBytes free memory; 0 where unknown
 * @param totalBytes memory; 0 where unknown
 */
public record NativeDevice(
        MemorySegment address, String name, String description, Kind kind, long freeBytes, long totalBytes) {

    /** What a device is. */
    public enum Kind {
        CPU,
        GPU,
        OTHER
    }

    /** Whether the device says how much memory it has; not every one does. */
    public boolean saysMemory() {
        return totalBytes > 0;
    }

    /** The devices that are present, in ggml's order. */
    public static List<NativeDevice> detect() {
        List<NativeDevice> found = new ArrayList<>();
        long count = LlamaCpp.ggml_backend_dev_count();
        for (long i = 0; i < count; i++) {
            found.add(describe(LlamaCpp.ggml_backend_dev_get(i)));
        }
        return List.copyOf(found);
    }

    /** The processor, with the memory of this process. */
    static NativeDevice cpu() {
        return describe(LlamaCpp.ggml_backend_dev_by_type(LlamaCpp.GGML_BACKEND_DEVICE_TYPE_CPU()));
    }

    private static NativeDevice describe(MemorySegment address) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment free = arena.allocate(ValueLayout.JAVA_LONG);
            MemorySegment total = arena.allocate(ValueLayout.JAVA_LONG);
            LlamaCpp.ggml_backend_dev_memory(address, free, total);
            return new NativeDevice(
                    address,
                    text(LlamaCpp.ggml_backend_dev_name(address)),
                    text(LlamaCpp.ggml_backend_dev_description(address)),
                    kind(LlamaCpp.ggml_backend_dev_type(address)),
                    free.get(ValueLayout.JAVA_LONG, 0),
                    total.get(ValueLayout.JAVA_LONG, 0));
        }
    }

    private static String text(MemorySegment pointer) {
        return pointer.equals(MemorySegment.NULL) ? "" : pointer.getString(0);
    }

    private static Kind kind(int type) {
        if (type == LlamaCpp.GGML_BACKEND_DEVICE_TYPE_CPU()) {
            return Kind.CPU;
        }
        boolean gpu =
                type == LlamaCpp.GGML_BACKEND_DEVICE_TYPE_GPU() || type == LlamaCpp.GGML_BACKEND_DEVICE_TYPE_IGPU();
        return gpu ? Kind.GPU : Kind.OTHER;
    }

    /** Whether it is a GPU, integrated ones included. */
    public boolean gpu() {
        return kind == Kind.GPU;
    }
}
