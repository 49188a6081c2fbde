package io.lethean.lem.quantize;

import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufTensor;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** The number in {@code general.file_type}, which tells people what most of a model's weights are. */
final class FileType {

    static final String KEY = "general.file_type";

    /** As numbered in llama.h; for the K types the number of the plain mixture. */
    private static final Map<GgmlType, Integer> NUMBERS = Map.ofEntries(
            Map.entry(GgmlType.F32, 0),
            Map.entry(GgmlType.F16, 1),
            Map.entry(GgmlType.Q4_0, 2),
            Map.entry(GgmlType.Q4_1, 3),
            Map.entry(GgmlType.Q8_0, 7),
            Map.entry(GgmlType.Q5_0, 8),
            Map.entry(GgmlType.Q5_1, 9),
            Map.entry(GgmlType.Q2_K, 10),
            Map.entry(GgmlType.Q3_K, 11),
            Map.entry(GgmlType.Q4_K, 14),
            Map.entry(GgmlType.Q5_K, 16),
            Map.entry(GgmlType.Q6_K, 18),
            Map.entry(GgmlType.IQ2_XXS, 19),
            Map.entry(GgmlType.IQ2_XS, 20),
            Map.entry(GgmlType.IQ3_XXS, 23),
            Map.entry(GgmlType.IQ1_S, 24),
            Map.entry(GgmlType.IQ4_NL, 25),
            Map.entry(GgmlType.IQ3_S, 26),
            Map.entry(GgmlType.IQ2_S, 28),
            Map.entry(GgmlType.IQ4_XS, 30),
            Map.entry(GgmlType.IQ1_M, 31),
            Map.entry(GgmlType.BF16, 32),
            Map.entry(GgmlType.TQ1_0, 36),
            Map.entry(GgmlType.TQ2_0, 37),
            Map.entry(GgmlType.MXFP4, 38),
            Map.entry(GgmlType.NVFP4, 39),
            Map.entry(GgmlType.Q1_0, 40),
            Map.entry(GgmlType.Q2_0, 41));

    private FileType() {}

    /** The number for a model of these tensors, by the type of most of its matrices' values; empty if it has no number. */
    static OptionalInt of(List<GgufTensor> tensors) {
        Map<GgmlType, Long> elements = new EnumMap<>(GgmlType.class);
        for (GgufTensor tensor : tensors) {
            if (tensor.dims().size() > 1) {
                elements.merge(tensor.type(), tensor.elements(), Long::sum);
            }
        }
        return elements.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(most -> number(most.getKey()))
                .orElse(OptionalInt.empty());
    }

    private static OptionalInt number(GgmlType type) {
        Integer number = NUMBERS.get(type);
        return number == null ? OptionalInt.empty() : OptionalInt.of(number);
    }
}
