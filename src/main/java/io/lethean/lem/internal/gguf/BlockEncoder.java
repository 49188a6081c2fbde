package io.lethean.lem.internal.gguf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Stores numbers as a tensor type does, to the bit as ggml's reference encoders do.
 *
 * <p>Only the types that tests, adapters and generated models need; quantizing real models is llama.cpp's job.
 */
public enum BlockEncoder {
    F32(GgmlType.F32) {
        @Override
        void encodeBlock(float[] values, int at, ByteBuffer into) {
            into.putFloat(values[at]);
        }
    },
    F16(GgmlType.F16) {
        @Override
        void encodeBlock(float[] values, int at, ByteBuffer into) {
            into.putShort(Float.floatToFloat16(values[at]));
        }
    },
    BF16(GgmlType.BF16) {
        // The upper half of the float, rounded to the nearest even one; a NaN stays one.
        @Override
        void encodeBlock(float[] values, int at, ByteBuffer into) {
            int bits = Float.floatToRawIntBits(values[at]);
            into.putShort((short)
                    (Float.isNaN(values[at]) ? bits >>> 16 | 0x40 : bits + (0x7FFF + (bits >>> 16 & 1)) >>> 16));
        }
    },
    Q8_0(GgmlType.Q8_0) {
        // A scale that takes the largest magnitude to 127, then the rounded quotients.
        @Override
        void encodeBlock(float[] values, int at, ByteBuffer into) {
            float scale = Math.abs(largest(values, at)) / 127;
            float inverse = scale == 0 ? 0 : 1 / scale;
            into.putShort(Float.floatToFloat16(scale));
            for (int i = 0; i < 32; i++) {
                into.put((byte) roundHalfAway(values[at + i] * inverse));
            }
        }
    },
    Q4_0(GgmlType.Q4_0) {
        // A scale that takes the number of largest magnitude to -8; element i shares a byte with element i + 16.
        @Override
        void encodeBlock(float[] values, int at, ByteBuffer into) {
            float scale = largest(values, at) / -8;
            float inverse = scale == 0 ? 0 : 1 / scale;
            into.putShort(Float.floatToFloat16(scale));
            for (int i = 0; i < 16; i++) {
                int low = nibble(values[at + i] * inverse);
                int high = nibble(values[at + i + 16] * inverse);
                into.put((byte) (low | high << 4));
            }
        }
    };

    private final GgmlType type;

    BlockEncoder(GgmlType type) {
        this.type = type;
    }

    /**
     * The encoder of a type.
     *
     * @throws IllegalArgumentException if the type has no encoder
     */
    public static BlockEncoder of(GgmlType type) {
        for (BlockEncoder encoder : values()) {
            if (encoder.type == type) {
                return encoder;
            }
        }
        throw new IllegalArgumentException(
                "Numbers cannot be stored as " + type.ggmlName() + " here; F32, F16, BF16, Q8_0 and Q4_0 can be used.");
    }

    /** The type that is written. */
    public GgmlType type() {
        return type;
    }

    /**
     * Appends the numbers to a little-endian buffer.
     *
     * @param count how many, a multiple of the type's block size
     */
    public void encode(float[] values, int from, int count, ByteBuffer into) {
        if (count % type.blockSize() != 0 || into.order() != ByteOrder.LITTLE_ENDIAN) {
            throw new IllegalArgumentException("Encoding as " + type.ggmlName() + " needs whole blocks of "
                    + type.blockSize() + " numbers and a little-endian buffer; there are " + count + " numbers.");
        }
        for (int at = from; at < from + count; at += type.blockSize()) {
            encodeBlock(values, at, into);
        }
    }

    abstract void encodeBlock(float[] values, int at, ByteBuffer into);

    /** The first of 32 values with the largest magnitude, with its sign. */
    private static float largest(float[] values, int at) {
        float largest = 0;
        for (int i = at; i < at + 32; i++) {
            if (Math.abs(values[i]) > Math.abs(largest)) {
                largest = values[i];
            }
        }
        return largest;
    }

    private static int roundHalfAway(float value) {
        return (int) (value + Math.copySign(0.5, value));
    }

    private static int nibble(float value) {
        return Math.min(15, (byte) (value + 8.5f));
    }
}
