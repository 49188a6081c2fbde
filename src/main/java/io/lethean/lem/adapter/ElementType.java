package io.lethean.lem.adapter;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * How a safetensors file keeps one number, under the name that its header uses.
 *
 * <p>Types other than floating-point types of 16 bits or more are known by size only, so that a file that contains one
 * can be checked, and is refused by name only when that tensor is read.
 */
enum ElementType {
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

    private final int bytes;

    ElementType(int bytes) {
        this.bytes = bytes;
    }

    static Optional<ElementType> named(String name) {
        for (ElementType type : values()) {
            if (type.name().equals(name)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    int bytes() {
        return bytes;
    }

    boolean isReadable() {
        return switch (this) {
            case F64, F32, F16, BF16 -> true;
            case I64, I32, I16, I8, U64, U32, U16, U8, BOOL, F8_E4M3, F8_E5M2 -> false;
        };
    }

    /** The next number of the buffer, which is little-endian. */
    float get(ByteBuffer from) {
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
    void put(ByteBuffer to, float value) {
        switch (this) {
            case F32 -> to.putFloat(value);
            case F16 -> to.putShort(Float.floatToFloat16(value));
            case F64, BF16, I64, I32, I16, I8, U64, U32, U16, U8, BOOL, F8_E4M3, F8_E5M2 ->
                throw new IllegalStateException("Adapters are written as F32 or F16, not as " + name() + ".");
        }
    }
}
