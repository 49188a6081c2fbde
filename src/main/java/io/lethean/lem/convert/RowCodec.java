package io.lethean.lem.convert;

import io.lethean.lem.ffi.LlamaCpp;
import io.lethean.lem.ffi.ggml_to_float_t;
import io.lethean.lem.ffi.ggml_type_traits;
import io.lethean.lem.gguf.GgmlType;
import io.lethean.lem.nativelib.NativeLibraries;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * Rows of one ggml type as 32-bit floats and back.
 *
 * <p>F32, F16 and BF16 are done in Java, where the loops become vector instructions; the block formats are ggml's own.
 * ggml ends the process on a type or a row length that it cannot quantize, so a codec exists only for what it can, and
 * rows are checked before they reach it. Safe for use by several threads.
 */
final class RowCodec {

    /** No weight is this large; squares of far larger numbers overflow inside the quantizers of ggml. */
    private static final float LARGEST_QUANTIZED = 1e6f;

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final GgmlType type;
    private final MemorySegment toFloat;

    private RowCodec(GgmlType type, MemorySegment toFloat) {
        this.type = type;
        this.toFloat = toFloat;
    }

    /**
     * The codec of a type; empty for one whose rows cannot be turned into floats by themselves, such as integers, or
     * NVFP4, which keeps a part of its scale in another tensor.
     */
    static Optional<RowCodec> of(GgmlType type) {
        return switch (type) {
            case F32, F16, BF16 -> Optional.of(new RowCodec(type, MemorySegment.NULL));
            case Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ2_XXS, IQ2_XS, IQ3_XXS, IQ1_S, IQ4_NL,
                    IQ3_S, IQ2_S, IQ4_XS, IQ1_M, TQ1_0, TQ2_0, MXFP4, Q1_0, Q2_0 -> {
                NativeLibraries.load();
                MemorySegment traits = LlamaCpp.ggml_get_type_traits(type.id())
                        .reinterpret(ggml_type_traits.sizeof());
                yield Optional.of(new RowCodec(type, ggml_type_traits.to_float(traits)));
            }
            case Q8_1, Q8_K, I8, I16, I32, I64, F64, NVFP4, Q4_2, Q4_3, Q4_0_4_4, Q4_0_4_8, Q4_0_8_8, IQ4_NL_4_4,
                    IQ4_NL_4_8, IQ4_NL_8_8 ->
                Optional.empty();
        };
    }

    /** Whether rows of this type can be written without measurements of how much each input matters. */
    boolean canEncode() {
        return switch (type) {
            case F32, F16, BF16 -> true;
            default -> !LlamaCpp.ggml_quantize_requires_imatrix(type.id());
        };
    }

    GgmlType type() {
        return type;
    }

    /** The largest size of a number that rows to be written may hold. */
    float largest() {
        return type.isQuantized() ? LARGEST_QUANTIZED : Float.MAX_VALUE;
    }

    /**
     * Reads rows as floats.
     *
     * @param count numbers to read, whole blocks of the type
     * @param from at least the bytes that these need
     */
    void decode(MemorySegment from, RowScratch scratch, float[] to, int count) {
        switch (type) {
            case F32 -> MemorySegment.copy(from, FLOAT, 0, to, 0, count);
            case F16 -> decodeHalf(from, scratch.halves(), to, count);
            case BF16 -> decodeBrainFloat(from, scratch.halves(), to, count);
            default -> {
                ggml_to_float_t.invoke(toFloat, from, scratch.floats(), count);
                MemorySegment.copy(scratch.floats(), FLOAT, 0, to, 0, count);
            }
        }
    }

    /**
     * Writes rows of floats, none larger than {@link #largest} in size.
     *
     * @param from {@code rows * columns} numbers, the columns whole blocks of the type
     * @param to at least the bytes that these need
     */
    void encode(float[] from, RowScratch scratch, MemorySegment to, int rows, int columns) {
        int count = rows * columns;
        switch (type) {
            case F32 -> MemorySegment.copy(from, 0, to, FLOAT, 0, count);
            case F16 -> encodeHalf(from, scratch.halves(), to, count);
            case BF16 -> encodeBrainFloat(from, scratch.halves(), to, count);
            default -> {
                MemorySegment.copy(from, 0, scratch.floats(), FLOAT, 0, count);
                LlamaCpp.ggml_quantize_chunk(type.id(), scratch.floats(), to, 0, rows, columns, MemorySegment.NULL);
            }
        }
    }

    private static void decodeHalf(MemorySegment from, short[] halves, float[] to, int count) {
        for (int start = 0; start < count; start += RowScratch.HALVES) {
            int length = Math.min(RowScratch.HALVES, count - start);
            MemorySegment.copy(from, SHORT, 2L * start, halves, 0, length);
            for (int i = 0; i < length; i++) {
                to[start + i] = Float.float16ToFloat(halves[i]);
            }
        }
    }

    private static void encodeHalf(float[] from, short[] halves, MemorySegment to, int count) {
        for (int start = 0; start < count; start += RowScratch.HALVES) {
            int length = Math.min(RowScratch.HALVES, count - start);
            for (int i = 0; i < length; i++) {
                halves[i] = Float.floatToFloat16(from[start + i]);
            }
            MemorySegment.copy(halves, 0, to, SHORT, 2L * start, length);
        }
    }

    private static void decodeBrainFloat(MemorySegment from, short[] halves, float[] to, int count) {
        for (int start = 0; start < count; start += RowScratch.HALVES) {
            int length = Math.min(RowScratch.HALVES, count - start);
            MemorySegment.copy(from, SHORT, 2L * start, halves, 0, length);
            for (int i = 0; i < length; i++) {
                to[start + i] = Float.intBitsToFloat(halves[i] << 16);
            }
        }
    }

    /** To the nearest, ties to even, as ggml does it. */
    private static void encodeBrainFloat(float[] from, short[] halves, MemorySegment to, int count) {
        for (int start = 0; start < count; start += RowScratch.HALVES) {
            int length = Math.min(RowScratch.HALVES, count - start);
            for (int i = 0; i < length; i++) {
                int bits = Float.floatToRawIntBits(from[start + i]);
                halves[i] = (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
            }
            MemorySegment.copy(halves, 0, to, SHORT, 2L * start, length);
        }
    }
}
