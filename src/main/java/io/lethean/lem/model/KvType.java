package io.lethean.lem.model;

import io.lethean.lem.internal.gguf.GgmlType;

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

    GgmlType type() {
        return GgmlType.valueOf(name());
    }
}
