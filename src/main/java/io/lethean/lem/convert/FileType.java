package io.lethean.lem.convert;

import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufTensor;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** The number in {@code general.file_type}, which tells people what most of a model's weights are. */
final class FileType {

    static final String KEY = "general.file_type";

    private FileType() {}

    /** The number for a model of these tensors, by the type of most of its matrices' values; empty if llama.cpp does not number them. */
    static OptionalInt of(List<GgufTensor> tensors) {
        Map<GgmlType, Long> numbers = new EnumMap<>(GgmlType.class);
        for (GgufTensor tensor : tensors) {
            if (tensor.dims().size() > 1) {
                numbers.merge(tensor.type(), tensor.elements(), Long::sum);
            }
        }
        return numbers.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(most -> number(most.getKey()))
                .orElse(OptionalInt.empty());
    }

    /** As numbered in llama.h; for the K types the number of the plain mixture. */
    private static OptionalInt number(GgmlType type) {
        return switch (type) {
            case F32 -> OptionalInt.of(0);
            case F16 -> OptionalInt.of(1);
            case Q4_0 -> OptionalInt.of(2);
            case Q4_1 -> OptionalInt.of(3);
            case Q8_0 -> OptionalInt.of(7);
            case Q5_0 -> OptionalInt.of(8);
            case Q5_1 -> OptionalInt.of(9);
            case Q2_K -> OptionalInt.of(10);
            case Q3_K -> OptionalInt.of(11);
            case Q4_K -> OptionalInt.of(14);
            case Q5_K -> OptionalInt.of(16);
            case Q6_K -> OptionalInt.of(18);
            case IQ2_XXS -> OptionalInt.of(19);
            case IQ2_XS -> OptionalInt.of(20);
            case IQ3_XXS -> OptionalInt.of(23);
            case IQ1_S -> OptionalInt.of(24);
            case IQ4_NL -> OptionalInt.of(25);
            case IQ3_S -> OptionalInt.of(26);
            case IQ2_S -> OptionalInt.of(28);
            case IQ4_XS -> OptionalInt.of(30);
            case IQ1_M -> OptionalInt.of(31);
            case BF16 -> OptionalInt.of(32);
            case TQ1_0 -> OptionalInt.of(36);
            case TQ2_0 -> OptionalInt.of(37);
            case MXFP4 -> OptionalInt.of(38);
            case NVFP4 -> OptionalInt.of(39);
            case Q1_0 -> OptionalInt.of(40);
            case Q2_0 -> OptionalInt.of(41);
            case Q8_1,
                    Q8_K,
                    I8,
                    I16,
                    I32,
                    I64,
                    F64,
                    Q4_2,
                    Q4_3,
                    Q4_0_4_4,
                    Q4_0_4_8,
                    Q4_0_8_8,
                    IQ4_NL_4_4,
                    IQ4_NL_4_8,
                    IQ4_NL_8_8 -> OptionalInt.empty();
        };
    }
}
