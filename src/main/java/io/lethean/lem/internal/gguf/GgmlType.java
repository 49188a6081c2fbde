package io.lethean.lem.internal.gguf;

import java.util.Optional;

/**
 * How the values of a tensor are stored; the ids are those of {@code ggml.h}.
 *
 * <p>A row is divided into blocks of {@link #blockSize()} values, each {@link #typeSize()} bytes. Types that were
 * removed from the format are kept, so that a message can name them; their sizes are 0.
 */
public enum GgmlType {
    F32(0, "f32", 1, 4),
    F16(1, "f16", 1, 2),
    Q4_0(2, "q4_0", 32, 18),
    Q4_1(3, "q4_1", 32, 20),
    Q4_2(4, "q4_2", 0, 0),
    Q4_3(5, "q4_3", 0, 0),
    Q5_0(6, "q5_0", 32, 22),
    Q5_1(7, "q5_1", 32, 24),
    Q8_0(8, "q8_0", 32, 34),
    Q8_1(9, "q8_1", 32, 36),
    Q2_K(10, "q2_K", 256, 84),
    Q3_K(11, "q3_K", 256, 110),
    Q4_K(12, "q4_K", 256, 144),
    Q5_K(13, "q5_K", 256, 176),
    Q6_K(14, "q6_K", 256, 210),
    Q8_K(15, "q8_K", 256, 292),
    IQ2_XXS(16, "iq2_xxs", 256, 66),
    IQ2_XS(17, "iq2_xs", 256, 74),
    IQ3_XXS(18, "iq3_xxs", 256, 98),
    IQ1_S(19, "iq1_s", 256, 50),
    IQ4_NL(20, "iq4_nl", 32, 18),
    IQ3_S(21, "iq3_s", 256, 110),
    IQ2_S(22, "iq2_s", 256, 82),
    IQ4_XS(23, "iq4_xs", 256, 136),
    I8(24, "i8", 1, 1),
    I16(25, "i16", 1, 2),
    I32(26, "i32", 1, 4),
    I64(27, "i64", 1, 8),
    F64(28, "f64", 1, 8),
    IQ1_M(29, "iq1_m", 256, 56),
    BF16(30, "bf16", 1, 2),
    Q4_0_4_4(31, "q4_0_4_4", 0, 0),
    Q4_0_4_8(32, "q4_0_4_8", 0, 0),
    Q4_0_8_8(33, "q4_0_8_8", 0, 0),
    TQ1_0(34, "tq1_0", 256, 54),
    TQ2_0(35, "tq2_0", 256, 66),
    IQ4_NL_4_4(36, "iq4_nl_4_4", 0, 0),
    IQ4_NL_4_8(37, "iq4_nl_4_8", 0, 0),
    IQ4_NL_8_8(38, "iq4_nl_8_8", 0, 0),
    MXFP4(39, "mxfp4", 32, 17),
    NVFP4(40, "nvfp4", 64, 36),
    Q1_0(41, "q1_0", 128, 18),
    Q2_0(42, "q2_0", 64, 18);

    private static final GgmlType[] BY_ID = values();

    private final int id;
    private final String ggmlName;
    private final int blockSize;
    private final int typeSize;

    GgmlType(int id, String ggmlName, int blockSize, int typeSize) {
        this.id = id;
        this.ggmlName = ggmlName;
        this.blockSize = blockSize;
        this.typeSize = typeSize;
    }

    /** The type with this number; empty if the pinned release knows none. */
    public static Optional<GgmlType> byId(int id) {
        return id >= 0 && id < BY_ID.length ? Optional.of(BY_ID[id]) : Optional.empty();
    }

    /** The number in a file. */
    public int id() {
        return id;
    }

    /** The name that ggml prints, such as {@code q4_K}. */
    public String ggmlName() {
        return ggmlName;
    }

    /** Values per block; 0 for a removed type. */
    public int blockSize() {
        return blockSize;
    }

    /** Bytes per block; 0 for a removed type. */
    public int typeSize() {
        return typeSize;
    }

    /** True if the format no longer has this type. */
    public boolean isRemoved() {
        return blockSize == 0;
    }

    /**
     * Whether rows of this type can be turned into floats by themselves and, some with an importance matrix, written.
     * Not so integers, types that are used within computations only, types removed from ggml, and NVFP4, which keeps a
     * part of its scale in another tensor.
     */
    public boolean isConvertible() {
        return switch (this) {
            case F32, F16, BF16 -> true;
            case Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K -> true;
            case IQ2_XXS, IQ2_XS, IQ3_XXS, IQ1_S, IQ4_NL, IQ3_S, IQ2_S, IQ4_XS, IQ1_M -> true;
            case TQ1_0, TQ2_0, MXFP4, Q1_0, Q2_0 -> true;
            case Q8_1, Q8_K, I8, I16, I32, I64, F64, NVFP4 -> false;
            case Q4_2, Q4_3, Q4_0_4_4, Q4_0_4_8, Q4_0_8_8, IQ4_NL_4_4, IQ4_NL_4_8, IQ4_NL_8_8 -> false;
        };
    }

    /** True if a block holds more than one number. */
    public boolean isQuantized() {
        return blockSize > 1;
    }

    /**
     * Bytes of a row.
     *
     * @param elements values in the row, a multiple of {@link #blockSize()}
     * @throws IllegalArgumentException if the row does not consist of whole blocks, or the type was removed
     */
    public long rowBytes(long elements) {
        if (isRemoved() || elements % blockSize != 0) {
            throw new IllegalArgumentException("A row of " + elements + " numbers does not consist of whole blocks of "
                    + ggmlName + " (" + blockSize + " numbers).");
        }
        return Math.multiplyExact(elements / blockSize, (long) typeSize);
    }
}
