package io.lethean.lem.internal.ggml;

import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.ffi.ggml_to_float_t;
import io.lethean.lem.internal.ffi.ggml_type_traits;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.nativelib.NativeLibraries;
import java.lang.foreign.MemorySegment;

/** Turns packed numbers of any type into f32. */
public final class Expansion {

    private Expansion() {}

    /**
     * Writes the numbers as f32.
     *
     * @param packed outside the heap, whole blocks
     * @param floats outside the heap, with room for {@code count} numbers
     * @throws IllegalArgumentException if numbers of this type cannot be expanded
     */
    public static void expand(GgmlType type, MemorySegment packed, MemorySegment floats, long count) {
        if (packed.byteSize() < type.rowBytes(count) || floats.byteSize() < count * Float.BYTES) {
            throw new IllegalArgumentException(count + " numbers of type " + type.ggmlName() + " do not fit "
                    + packed.byteSize() + " bytes, or their f32 form " + floats.byteSize() + " bytes.");
        }
        if (type == GgmlType.F32) {
            MemorySegment.copy(packed, 0, floats, 0, count * Float.BYTES);
            return;
        }
        NativeLibraries.load();
        MemorySegment traits = LlamaCpp.ggml_get_type_traits(type.id()).reinterpret(ggml_type_traits.sizeof());
        MemorySegment function = ggml_type_traits.to_float(traits);
        if (function.equals(MemorySegment.NULL)) {
            throw new IllegalArgumentException("Numbers of type " + type.ggmlName() + " cannot be expanded.");
        }
        ggml_to_float_t.invoke(function, packed, floats, count);
    }
}
