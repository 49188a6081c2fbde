package io.lethean.lem.model;

import io.lethean.lem.ffi.LlamaCpp;

/** The number format of the cached keys or values. */
public enum KvType {
    F32(1, 4),
    F16(1, 2),
    BF16(1, 2),
    Q8_0(32, 34),
    Q5_1(32, 24),
    Q5_0(32, 22),
    Q4_1(32, 20),
    Q4_0(32, 18),
    IQ4_NL(32, 18);

    private final int blockSize;
    private final int blockBytes;

    KvType(int blockSize, int blockBytes) {
        this.blockSize = blockSize;
        this.blockBytes = blockBytes;
    }

    /** Whether values are stored in blocks of 32, which must divide the size of an attention head. */
    public boolean isQuantized() {
        return blockSize > 1;
    }

    /** Bytes that a number of values takes, rounded up to whole blocks. */
    long bytes(long values) {
        return Math.ceilDiv(values, blockSize) * blockBytes;
    }

    int into() {
        return switch (this) {
            case F32 -> LlamaCpp.GGML_TYPE_F32();
            case F16 -> LlamaCpp.GGML_TYPE_F16();
            case BF16 -> LlamaCpp.GGML_TYPE_BF16();
            case Q8_0 -> LlamaCpp.GGML_TYPE_Q8_0();
            case Q5_1 -> LlamaCpp.GGML_TYPE_Q5_1();
            case Q5_0 -> LlamaCpp.GGML_TYPE_Q5_0();
            case Q4_1 -> LlamaCpp.GGML_TYPE_Q4_1();
            case Q4_0 -> LlamaCpp.GGML_TYPE_Q4_0();
            case IQ4_NL -> LlamaCpp.GGML_TYPE_IQ4_NL();
        };
    }
}
