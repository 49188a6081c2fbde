package io.lethean.lem.quantize;

import io.lethean.lem.internal.ggml.TensorCodec;
import io.lethean.lem.internal.gguf.GgmlType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * Rows of one ggml type as 32-bit floats and back.
 *
 * <p>F32, F16 and BF16 are done in Java row by row, where the loops become vector instructions; the block formats are
 * ggml's own. ggml ends the process on a type or a row length that it cannot quantize, so a codec exists only for what it can, and
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
    private final TensorCodec blocks;

    private RowCodec(GgmlType type) {
        this.type = type;
        this.blocks = new TensorCodec(type);
    }

    /**
     * The codec of a type; empty where rows cannot be turned into floats by themselves, such as integers, or
     * NVFP4, which keeps a part of its scale in another tensor.
     */
    static Optional<RowCodec> of(GgmlType type) {
        return type.isConvertible() ? Optional.of(new RowCodec(type)) : Optional.empty();
    }

    /** Whether rows of this type can be written without measurements of how much each input matters. */
    boolean canEncode() {
        return !isPacked() || blocks.canEncode();
    }

    GgmlType type() {
        return type;
    }

    /** The largest size of a number that rows to be written may hold. */
    float largest() {
        return type.isQuantized() ? LARGEST_QUANTIZED : Float.MAX_VALUE;
    }

    /** Whether rows are ggml's blocks, which are turned into F32 and back many rows at a time. */
    boolean isPacked() {
        return type.isQuantized();
    }

    /**
     * Makes single rows readable.
     *
     * @param bytes rows as they are in a file
     * @param floats native room for {@code count} floats
     * @return where {@link #get} finds the rows: in one of the two
     */
    MemorySegment unpack(MemorySegment bytes, MemorySegment floats, long count) {
        if (!isPacked()) {
            return bytes;
        }
        blocks.decode(bytes, floats, count);
        return floats;
    }

    /** Reads a row of what {@link #unpack} returned. */
    void get(MemorySegment unpacked, int index, RowScratch scratch, float[] row, int columns) {
        if (isPacked()) {
            MemorySegment.copy(unpacked, FLOAT, 4L * index * columns, row, 0, columns);
            return;
        }
        long at = index * type.rowBytes(columns);
        switch (type) {
            case F16 -> getHalves(unpacked, at, scratch.halves(), row, columns);
            case BF16 -> getBrainFloats(unpacked, at, scratch.halves(), row, columns);
            default -> MemorySegment.copy(unpacked, FLOAT, at, row, 0, columns);
        }
    }

    /** Where {@link #put} places rows before {@link #pack} makes them what is written: in one of the two. */
    MemorySegment unpacked(MemorySegment bytes, MemorySegment floats) {
        return isPacked() ? floats : bytes;
    }

    /** Places a row; no value is larger than {@link #largest} in magnitude. */
    void put(float[] row, MemorySegment unpacked, int index, RowScratch scratch, int columns) {
        if (isPacked()) {
            MemorySegment.copy(row, 0, unpacked, FLOAT, 4L * index * columns, columns);
            return;
        }
        long at = index * type.rowBytes(columns);
        switch (type) {
            case F16 -> putHalves(row, unpacked, at, scratch.halves(), columns);
            case BF16 -> putBrainFloats(row, unpacked, at, scratch.halves(), columns);
            default -> MemorySegment.copy(row, 0, unpacked, FLOAT, at, columns);
        }
    }

    /**
     * Turns the rows that {@link #put} placed into the bytes to write.
     *
     * @param columns whole blocks of the type
     * @param to at least the bytes that these rows need
     */
    void pack(MemorySegment unpacked, MemorySegment to, int rows, int columns) {
        if (isPacked()) {
            blocks.encode(unpacked, to, rows, columns);
        }
    }

    private static void getHalves(MemorySegment from, long at, short[] halves, float[] row, int columns) {
        MemorySegment.copy(from, SHORT, at, halves, 0, columns);
        for (int i = 0; i < columns; i++) {
            row[i] = Float.float16ToFloat(halves[i]);
        }
    }

    private static void putHalves(float[] row, MemorySegment to, long at, short[] halves, int columns) {
        for (int i = 0; i < columns; i++) {
            halves[i] = Float.floatToFloat16(row[i]);
        }
        MemorySegment.copy(halves, 0, to, SHORT, at, columns);
    }

    private static void getBrainFloats(MemorySegment from, long at, short[] halves, float[] row, int columns) {
        MemorySegment.copy(from, SHORT, at, halves, 0, columns);
        for (int i = 0; i < columns; i++) {
            row[i] = Float.intBitsToFloat(halves[i] << 16);
        }
    }

    /** To the nearest, ties to even, as ggml does it. */
    private static void putBrainFloats(float[] row, MemorySegment to, long at, short[] halves, int columns) {
        for (int i = 0; i < columns; i++) {
            int bits = Float.floatToRawIntBits(row[i]);
            halves[i] = (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
        }
        MemorySegment.copy(halves, 0, to, SHORT, at, columns);
    }
}
