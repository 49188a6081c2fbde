package io.lethean.lem.model;

import io.lethean.lem.internal.gguf.GgmlType;

/** The number format of the cached keys or values. */
public enum KvType {
    /** 32-bit floats. */
    F32(false),
    /** 16-bit floats, the default. */
    F16(false),
    /** 16-bit floats with the range of 32-bit floats. */
    BF16(false),
    /** 8-bit integers with a 16-bit scale per 32 values: 8.5 bits per value. */
    Q8_0(true),
    /** 5-bit integers with a 16-bit scale and minimum per 32 values: 6 bits per value. */
    Q5_1(true),
    /** 5-bit integers with a 16-bit scale per 32 values: 5.5 bits per value. */
    Q5_0(true),
    /** 4-bit integers with a 16-bit scale and minimum per 32 values: 5 bits per value. */
    Q4_1(true),
    /** 4-bit integers with a 16-bit scale per 32 values: 4.5 bits per value. */
    Q4_0(true),
    /** 4-bit indices of a table of unequal steps, with a 16-bit scale per 32 values: 4.5 bits per value. */
    IQ4_NL(true);

    private final boolean quantized;

    KvType(boolean quantized) {
        this.quantized = quantized;
    }

    /** {@return whether values are stored in blocks of 32, which must divide the size of an attention head} */
    public boolean isQuantized() {
        return quantized;
    }

    GgmlType type() {
        return GgmlType.valueOf(name());
    }
}
