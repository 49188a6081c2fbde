package io.lethean.lem.internal.gguf;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Whether tensors are of a type that llama.cpp's kernels take.
 *
 * <p>It checks names and shapes but not types: a matrix of integers is multiplied by calling a null pointer, a norm that
 * is not F32 ends in an abort.
 */
final class TensorUseCheck {

    /** Types without kernels for weights; some exist for intermediate results only. */
    private static final Set<GgmlType> NEVER =
            Set.of(GgmlType.F64, GgmlType.I8, GgmlType.I16, GgmlType.Q8_1, GgmlType.Q8_K);

    private static final Set<GgmlType> INTEGERS = Set.of(GgmlType.I32, GgmlType.I64);

    /** Tables of ids, which are integers. */
    private static final List<String> ID_TABLES = List.of("d2t", "tid2eid", "selector_", "masked_embd_ordering");

    /**
     * What is added, multiplied elementwise, rotated by or convolved with, by its name between a block's prefix and the
     * suffix.
     */
    private static final Pattern ELEMENTWISE = Pattern.compile(".*norm.*"
            + "|rope_(freqs|factors_long|factors_short)"
            + "|(attn|ffn|output)_res_score|(attn|ffn)_conv_base|layer_output_scale|altup_correct_scale"
            + "|exp_probs_b(_vl)?|(output_hc|hc_attn|hc_ffn)_(base|scale)|attn_sinks|ffn\\.act|hrm\\.z_l_init|gamma"
            + "|ssm_(a|d|conv1d|conv1d_q|conv1d_k|conv1d_v)|ple_conv1d|shortconv\\.conv"
            + "|time_mix_(a0|v0|w0|k_a|k_k|r_k|ln|decay|first|lerp_[a-z]+)|channel_mix_lerp_[a-z]");

    private static final Pattern PREFIX = Pattern.compile("^((enc\\.|dec\\.)?blk|posnet|convnext)\\.\\d+\\.");
    private static final Pattern VECTOR_SUFFIX = Pattern.compile("\\.(bias|scale|input_scale)$");

    private TensorUseCheck() {}

    static void require(GgufFile file) {
        for (GgufTensor tensor : file.tensors()) {
            GgmlType type = tensor.type();
            if (!isForMatrices(type) && !(INTEGERS.contains(type) && isIdTable(tensor.name()))) {
                throw refuse(file, tensor, "no weight can be of this type");
            }
            if (type != GgmlType.F32 && isElementwise(tensor.name())) {
                throw refuse(file, tensor, "a tensor of this name is used as F32 only");
            }
        }
    }

    /** Whether a matrix of this type can be multiplied with. */
    static boolean isForMatrices(GgmlType type) {
        return !NEVER.contains(type) && !INTEGERS.contains(type);
    }

    private static boolean isIdTable(String name) {
        return ID_TABLES.stream().anyMatch(name::contains);
    }

    private static boolean isElementwise(String name) {
        if (VECTOR_SUFFIX.matcher(name).find()) {
            return true;
        }
        String base = PREFIX.matcher(name).replaceFirst("");
        String stem = base.endsWith(".weight") ? base.substring(0, base.length() - ".weight".length()) : base;
        return ELEMENTWISE.matcher(stem).matches();
    }

    private static RuntimeException refuse(GgufFile file, GgufTensor tensor, String why) {
        return GgufRule.TENSOR_USE.refuse(
                file.path(),
                "tensor " + tensor.name() + " is of type " + tensor.type().ggmlName() + ", but " + why);
    }
}
