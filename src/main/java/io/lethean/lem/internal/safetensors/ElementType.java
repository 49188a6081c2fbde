package io.lethean.lem.internal.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.util.Optional;

/**
 * How a safetensors file keeps one number, under the name that its header uses.
 *
 * <p>Types other than floating-point types of 16 bits or more are known by size only, so that a file that contains one
 * can be checked, and is refused by name only when that tensor is read.
 */
public enum ElementType {
    F64(8),
    F32(4),
    F16(2),
    BF16(2),
    I64(8),
    I32(4),
    I16(2),
    I8(1),
    U64(8),
    U32(4),
    U16(2),
    U8(1),
    BOOL(1),
    F8_E4M3(1),
    F8_E5M2(1);

    private static final int BLOCK_BYTES = 1 << 20;

    private final int bytes;

    ElementType(int bytes) {
        this.bytes = bytes;
    }

    public static Optional<ElementType> named(String name) {
        for (ElementType type : values()) {
            if (type.name().equals(name)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    public int bytes() {
        return bytes;
    }

    public boolean isReadable() {
        return switch (this) {
            case F64, F32, F16, BF16 -> true;
            case I64, I32, I16, I8, U64, U32, U16, U8, BOOL, F8_E4M3, F8_E5M2 -> false;
        };
    }

    /** The next number of the buffer, which is little-endian. */
    public float get(ByteBuffer from) {
        return switch (this) {
            case F64 -> (float) from.getDouble();
            case F32 -> from.getFloat();
            case F16 -> Float.float16ToFloat(from.getShort());
            case BF16 -> Float.intBitsToFloat(from.getShort() << 16);
            case I64, I32, I16, I8, U64, U32, U16, U8, BOOL, F8_E4M3, F8_E5M2 ->
                throw new IllegalStateException(name() + " cannot be read as floating-point values here.");
        };
    }

    /** Appends a number to the buffer, which is little-endian, rounded to the nearest where the type is narrower. */
    public void put(ByteBuffer to, float value) {
        switch (this) {
            case F32 -> to.putFloat(value);
            case F16 -> to.putShort(Float.floatToFloat16(value));
            case BF16 -> to.putShort(bfloat16(value));
            case F64, I64, I32, I16, I8, U64, U32, U16, U8, BOOL, F8_E4M3, F8_E5M2 ->
                throw new IllegalStateException("Tensors are written as F32, F16 or BF16, not as " + name() + ".");
        }
    }

    /** The nearest bfloat16, ties to even; a NaN stays one. */
    private static short bfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >>> 16 | 0x40);
        }
        return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }

    /** Writes numbers in this type, a block at a time. */
    public void write(WritableByteChannel channel, float[] values) throws IOException {
        ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            put(block, value);
            if (!block.hasRemaining()) {
                writeAll(channel, block.flip());
                block.clear();
            }
        }
        writeAll(channel, block.flip());
    }

    private static void writeAll(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
