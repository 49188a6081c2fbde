package io.lethean.lem.adapter;

import io.lethean.lem.internal.gguf.GgmlType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;

/** The types that the tensors of a GGUF adapter may have, and how each is read. */
enum AdapterTensorType {
    F32(GgmlType.F32),
    F16(GgmlType.F16),
    BF16(GgmlType.BF16),
    Q8_0(GgmlType.Q8_0);

    private static final int Q8_0_BLOCK = 32;

    private final GgmlType ggmlType;

    AdapterTensorType(GgmlType ggmlType) {
        this.ggmlType = ggmlType;
    }

    /** Empty for a type that no adapter can have, such as F64, on which llama.cpp would end the process. */
    static Optional<AdapterTensorType> of(GgmlType type) {
        return Arrays.stream(values()).filter(known -> known.ggmlType == type).findFirst();
    }

    /** Puts numbers, whole blocks of them, from the buffer into an array. */
    void decode(ByteBuffer bytes, float[] into, int at, int count) {
        ByteBuffer from = bytes.order(ByteOrder.LITTLE_ENDIAN);
        switch (this) {
            case F32 -> from.asFloatBuffer().get(into, at, count);
            case F16 -> {
                for (int i = at; i < at + count; i++) {
                    into[i] = Float.float16ToFloat(from.getShort());
                }
            }
            case BF16 -> {
                for (int i = at; i < at + count; i++) {
                    into[i] = Float.intBitsToFloat(from.getShort() << 16);
                }
            }
            case Q8_0 -> {
                for (int i = at; i < at + count; i += Q8_0_BLOCK) {
                    decodeBlock(from, into, i);
                }
            }
        }
    }

    /** A block is one 16-bit scale and 32 signed bytes that it multiplies. */
    private static void decodeBlock(ByteBuffer from, float[] values, int start) {
        float scale = Float.float16ToFloat(from.getShort());
        for (int i = 0; i < Q8_0_BLOCK; i++) {
            values[start + i] = scale * from.get();
        }
    }
}
