package io.lethean.lem.convert;

import io.lethean.lem.internal.checkpoint.Rows;
import io.lethean.lem.internal.gguf.BlockEncoder;
import io.lethean.lem.internal.gguf.GgmlType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Room for a block of rows on its way from a checkpoint to the file, and the step between their types; used by one thread
 * at a time.
 *
 * <p>Values are never rounded twice: a type is turned into 32-bit floats exactly, and these into the other type.
 */
final class RowEncoder {

    /** Values in a block: few enough that they stay in a core's cache from one step to the next. */
    static final int BLOCK_VALUES = 1 << 17;

    private ByteBuffer source = ByteBuffer.allocateDirect(0);
    private ByteBuffer target = ByteBuffer.allocateDirect(0);
    private short[] halves = new short[0];
    private float[] values = new float[0];

    /** How many rows a block has. */
    static int blockRows(Rows rows) {
        return (int) Math.clamp(BLOCK_VALUES / Math.max(1, rows.columns()), 1, Math.max(1, rows.count()));
    }

    /**
     * Reads rows and turns them into a type.
     *
     * @return the bytes to write; valid until the next call
     */
    ByteBuffer encode(Rows rows, long from, int count, GgmlType type) throws IOException {
        int length = Math.multiplyExact(count, rows.columns());
        source = room(source, count * rows.rowBytes());
        rows.read(from, count, source);
        source.flip();
        if (rows.type() == type) {
            return source;
        }
        decode(rows.type(), length);
        target = room(target, Math.toIntExact(type.rowBytes(length)));
        encode(type, length);
        return target.flip();
    }

    private static ByteBuffer room(ByteBuffer buffer, int bytes) {
        ByteBuffer room = buffer.capacity() >= bytes
                ? buffer
                : ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
        return room.clear();
    }

    private void decode(GgmlType type, int length) {
        if (values.length < length) {
            values = new float[length];
        }
        if (type == GgmlType.F32) {
            source.asFloatBuffer().get(values, 0, length);
            return;
        }
        short[] bits = halves(length);
        source.asShortBuffer().get(bits, 0, length);
        float[] floats = values;
        if (type == GgmlType.F16) {
            for (int i = 0; i < length; i++) {
                floats[i] = Float.float16ToFloat(bits[i]);
            }
        } else if (type == GgmlType.BF16) {
            for (int i = 0; i < length; i++) {
                floats[i] = Float.intBitsToFloat(bits[i] << 16);
            }
        } else {
            throw new IllegalStateException("Rows of " + type.ggmlName() + " are written as they are.");
        }
    }

    private void encode(GgmlType type, int length) {
        switch (type) {
            case F32 -> {
                target.asFloatBuffer().put(values, 0, length);
                target.position(length * Float.BYTES);
            }
            case F16 -> putHalves(half(length), length);
            case BF16 -> putHalves(brain(length), length);
            default -> BlockEncoder.of(type).encode(values, 0, length, target);
        }
    }

    private void putHalves(short[] bits, int length) {
        target.asShortBuffer().put(bits, 0, length);
        target.position(length * Short.BYTES);
    }

    private short[] half(int length) {
        short[] bits = halves(length);
        float[] floats = values;
        for (int i = 0; i < length; i++) {
            bits[i] = Float.floatToFloat16(floats[i]);
        }
        return bits;
    }

    /** To the nearest, ties to even; a NaN stays one. */
    private short[] brain(int length) {
        short[] shorts = halves(length);
        float[] floats = values;
        for (int i = 0; i < length; i++) {
            int bits = Float.floatToRawIntBits(floats[i]);
            int rounded = bits + 0x7FFF + (bits >>> 16 & 1) >>> 16;
            shorts[i] = (short) ((bits & 0x7FFF_FFFF) > 0x7F80_0000 ? bits >>> 16 | 0x40 : rounded);
        }
        return shorts;
    }

    private short[] halves(int length) {
        if (halves.length < length) {
            halves = new short[length];
        }
        return halves;
    }
}
