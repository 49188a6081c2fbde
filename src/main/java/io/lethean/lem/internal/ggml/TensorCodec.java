package io.lethean.lem.internal.ggml;

import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.ffi.ggml_to_float_t;
import io.lethean.lem.internal.ffi.ggml_type_traits;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.nativelib.NativeLibraries;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Values of one ggml type as f32 and back, by ggml's own functions.
 *
 * <p>ggml ends the process on a type or a row length that it cannot convert, so everything is checked here first. All
 * memory is outside the heap. Safe for use by several threads.
 */
public final class TensorCodec {

    private final GgmlType type;
    private volatile @Nullable Functions functions;

    /** What ggml has for a type; {@code toFloat} is NULL where it has nothing. */
    private record Functions(MemorySegment toFloat, boolean encodes) {}

    /** The codec of a type; the native libraries are loaded at first use. */
    public TensorCodec(GgmlType type) {
        this.type = type;
    }

    private Functions functions() {
        Functions known = functions;
        if (known == null) {
            NativeLibraries.load();
            MemorySegment traits = LlamaCpp.ggml_get_type_traits(type.id()).reinterpret(ggml_type_traits.sizeof());
            boolean encodes = type.isConvertible()
                    && (!type.isQuantized() || !LlamaCpp.ggml_quantize_requires_imatrix(type.id()));
            known = new Functions(ggml_type_traits.to_float(traits), encodes);
            functions = known;
        }
        return known;
    }

    /**
     * Writes values as f32.
     *
     * @param packed whole blocks of the type
     * @param floats room for {@code count} floats
     * @throws IllegalArgumentException if values of this type cannot be decoded, or the sizes do not fit
     */
    public void decode(MemorySegment packed, MemorySegment floats, long count) {
        requireRoom(packed, floats, count);
        if (type == GgmlType.F32) {
            MemorySegment.copy(packed, 0, floats, 0, count * Float.BYTES);
            return;
        }
        MemorySegment toFloat = functions().toFloat();
        if (toFloat.equals(MemorySegment.NULL)) {
            throw new IllegalArgumentException("Values of type " + type.ggmlName() + " cannot be decoded.");
        }
        ggml_to_float_t.invoke(toFloat, packed, floats, count);
    }

    /** Whether {@link #encode} works without measurements of how much each input matters. */
    public boolean canEncode() {
        return functions().encodes();
    }

    /**
     * Writes rows of f32 in this type.
     *
     * @param floats rows after each other
     * @param packed room for the rows
     * @param columns values of a row, whole blocks of the type
     * @throws IllegalArgumentException if this type cannot be encoded, or the sizes do not fit
     */
    public void encode(MemorySegment floats, MemorySegment packed, long rows, long columns) {
        requireRoom(packed, floats, rows * columns);
        if (!canEncode() || columns % type.blockSize() != 0) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "Rows of %d values cannot be encoded as %s, which has blocks of %d.",
                    columns,
                    type.ggmlName(),
                    type.blockSize()));
        }
        switch (type) {
            case F32 -> MemorySegment.copy(floats, 0, packed, 0, rows * columns * Float.BYTES);
            case F16 -> LlamaCpp.ggml_fp32_to_fp16_row(floats, packed, rows * columns);
            default -> LlamaCpp.ggml_quantize_chunk(type.id(), floats, packed, 0, rows, columns, MemorySegment.NULL);
        }
    }

    private void requireRoom(MemorySegment packed, MemorySegment floats, long count) {
        if (packed.byteSize() < type.rowBytes(count) || floats.byteSize() < count * Float.BYTES) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "%d values of type %s do not fit %d bytes, or their f32 form %d bytes.",
                    count,
                    type.ggmlName(),
                    packed.byteSize(),
                    floats.byteSize()));
        }
    }
}
