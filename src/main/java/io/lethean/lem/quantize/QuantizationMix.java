package io.lethean.lem.quantize;

import io.lethean.lem.internal.gguf.GgmlType;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * llama.cpp's mixes: one type for most tensors and a finer one where errors cost most, which is in the value projections
 * and the last feed-forward matrix of some layers.
 *
 * <p>The layers and types are those of llama.cpp's quantize for dense models without an importance matrix; its special
 * cases for Falcon, for eight experts and for models of 70 billion parameters are left out.
 */
enum QuantizationMix {
    Q3_K_S(GgmlType.Q3_K),
    Q3_K_M(GgmlType.Q3_K),
    Q3_K_L(GgmlType.Q3_K),
    Q4_K_S(GgmlType.Q4_K),
    Q4_K_M(GgmlType.Q4_K),
    Q5_K_S(GgmlType.Q5_K),
    Q5_K_M(GgmlType.Q5_K);

    private static final Pattern LAYER_TENSOR = Pattern.compile("blk\\.(\\d{1,6})\\.(\\w+)\\.weight");

    private final GgmlType base;

    QuantizationMix(GgmlType base) {
        this.base = base;
    }

    /** The mix of a name in any case, such as {@code q4_k_m}. */
    static Optional<QuantizationMix> named(String name) {
        return Arrays.stream(values())
                .filter(mix -> mix.name().equalsIgnoreCase(name))
                .findFirst();
    }

    /** The name as llama.cpp writes it, with a small q. */
    String label() {
        return "q" + name().substring(1);
    }

    static List<String> labels() {
        return Arrays.stream(values()).map(QuantizationMix::label).toList();
    }

    /** The type of a tensor in a model with this number of layers. */
    GgmlType type(String tensor, int layers) {
        Matcher place = LAYER_TENSOR.matcher(tensor.toLowerCase(Locale.ROOT));
        if (!place.matches()) {
            return base;
        }
        int layer = Integer.parseInt(place.group(1));
        return switch (place.group(2)) {
            case "attn_v" -> value(layer, layers);
            case "ffn_down" -> down(layer, layers);
            case "attn_output" -> output();
            case "attn_qkv" -> fused();
            default -> base;
        };
    }

    private GgmlType value(int layer, int layers) {
        return switch (this) {
            case Q3_K_M -> layer < 2 ? GgmlType.Q5_K : GgmlType.Q4_K;
            case Q3_K_L -> GgmlType.Q5_K;
            case Q4_K_S -> layer < 4 ? GgmlType.Q5_K : base;
            case Q4_K_M, Q5_K_M -> isSensitive(layer, layers) ? GgmlType.Q6_K : base;
            case Q3_K_S, Q5_K_S -> base;
        };
    }

    private GgmlType down(int layer, int layers) {
        return switch (this) {
            case Q3_K_M -> layer < layers / 16 ? GgmlType.Q5_K : GgmlType.Q4_K;
            case Q3_K_L -> GgmlType.Q5_K;
            case Q4_K_S -> layer < layers / 8 ? GgmlType.Q5_K : base;
            case Q4_K_M, Q5_K_M -> isSensitive(layer, layers) ? GgmlType.Q6_K : base;
            case Q3_K_S, Q5_K_S -> base;
        };
    }

    private GgmlType output() {
        return switch (this) {
            case Q3_K_M -> GgmlType.Q4_K;
            case Q3_K_L -> GgmlType.Q5_K;
            default -> base;
        };
    }

    private GgmlType fused() {
        return switch (this) {
            case Q3_K_M, Q3_K_L -> GgmlType.Q4_K;
            case Q4_K_M -> GgmlType.Q5_K;
            case Q5_K_M -> GgmlType.Q6_K;
            default -> base;
        };
    }

    /** The first eighth of the layers, the last eighth, and every third one between them. */
    private static boolean isSensitive(int layer, int layers) {
        int eighth = layers / 8;
        return layer < eighth || layer >= 7 * layers / 8 || (layer - eighth) % 3 == 2;
    }
}
