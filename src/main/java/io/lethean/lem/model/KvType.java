package io.lethean.lem.model;

import io.lethean.lem.internal.ffi.LlamaCpp;

/** The number format of the cached keys or values. */
public enum KvType {
    F32(false),
    F16(false),
    BF16(false),
    Q8_0(true),
    Q5_1(true),
    Q5_0(true),
    Q4_1(true),
    Q4_0(true),
    IQ4_NL(true);

    private final boolean quantized;

    KvType(boolean quantized) {
        this.quantized = quantized;
    }

    /** Whether values are stored in blocks of 32, which must divide the size of an attention head. */
    public boolean isQuantized() {
        return quantized;
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
