package io.lethean.lem.internal.gguf;

/**
 * A number or a truth value.
 *
 * @param type neither STRING nor ARRAY
 * @param bits the bits as stored, not sign-extended, so that any value is written as it was read
 */
public record GgufScalar(GgufType type, long bits) implements GgufValue {

    public GgufScalar {
        if (type.bytes() == 0) {
            throw new IllegalArgumentException("A scalar cannot be of type " + type.shortName() + ".");
        }
        bits = truncated(type, bits);
    }

    static long truncated(GgufType type, long bits) {
        return switch (type.bytes()) {
            case 1 -> bits & 0xFF;
            case 2 -> bits & 0xFFFF;
            case 4 -> bits & 0xFFFF_FFFFL;
            default -> bits;
        };
    }

    /** True for the eight integer types. */
    public boolean isInteger() {
        return switch (type) {
            case UINT8, INT8, UINT16, INT16, UINT32, INT32, UINT64, INT64 -> true;
            case FLOAT32, FLOAT64, BOOL, STRING, ARRAY -> false;
        };
    }

    /** The integer; a UINT64 above {@link Long#MAX_VALUE} comes out negative; a real number is truncated. */
    public long asLong() {
        return switch (type) {
            case INT8 -> (byte) bits;
            case INT16 -> (short) bits;
            case INT32 -> (int) bits;
            case UINT8, UINT16, UINT32, UINT64, INT64, BOOL -> bits;
            case FLOAT32, FLOAT64 -> (long) asDouble();
            case STRING, ARRAY -> throw new AssertionError(type);
        };
    }

    /** The value as a real number; a FLOAT32 is widened exactly. */
    public double asDouble() {
        return switch (type) {
            case FLOAT32 -> Float.intBitsToFloat((int) bits);
            case FLOAT64 -> Double.longBitsToDouble(bits);
            case UINT64 -> bits >= 0 ? bits : (bits >>> 1 | bits & 1) * 2.0;
            case UINT8, INT8, UINT16, INT16, UINT32, INT32, INT64, BOOL -> asLong();
            case STRING, ARRAY -> throw new AssertionError(type);
        };
    }

    /** True unless all bits are 0, which is how llama.cpp reads a BOOL. */
    public boolean asBoolean() {
        return bits != 0;
    }

    @Override
    public String toString() {
        return switch (type) {
            case FLOAT32 -> Float.toString(Float.intBitsToFloat((int) bits));
            case FLOAT64 -> Double.toString(asDouble());
            case BOOL -> Boolean.toString(asBoolean());
            case UINT64 -> Long.toUnsignedString(bits);
            case UINT8, INT8, UINT16, INT16, UINT32, INT32, INT64 -> Long.toString(asLong());
            case STRING, ARRAY -> throw new AssertionError(type);
        };
    }
}
