package io.lethean.lem.internal.gguf;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What single architectures of the pinned release take for granted: divisors, a window, optional tensors that they use
 * nevertheless. Each entry is a division by zero or an access through a null pointer in the loader or the graph.
 */
final class ArchitectureCheck {

    /** Counts that llama.cpp divides by before any tensor's shape has ruled out 0. */
    private static final Map<String, Set<String>> DIVISORS = Map.of(
            "wkv.head_size", Set.of("rwkv6", "rwkv6qwen2", "rwkv7", "arwkv7"),
            "attention.output_group_count", Set.of("deepseek4"),
            "ssm.group_count",
                    Set.of(
                            "mamba2",
                            "granitehybrid",
                            "nemotron_h",
                            "nemotron_h_moe",
                            "falcon-h1",
                            "qwen3next",
                            "qwen35",
                            "qwen35moe",
                            "qwen4exp"));

    private static final String INTERVAL = "full_attention_interval";
    private static final Set<String> BY_INTERVAL = Set.of("minimax-01", "qwen3next", "qwen35", "qwen35moe");
    private static final Set<String> BY_HEADS = Set.of("gemma2", "gemma3", "olmo2", "phimoe");

    private static final Set<String> WINDOWED = Set.of("afmoe");

    private static final Set<String> BIASED_CONVOLUTION =
            Set.of("falcon-h1", "granitehybrid", "nemotron_h", "nemotron_h_moe");

    private static final Pattern CONVOLUTION = Pattern.compile("blk\\.\\d+\\.ssm_conv1d\\.weight");

    private final GgufFile file;
    private final GgufMetadata metadata;
    private final String architecture;

    private ArchitectureCheck(GgufFile file) {
        this.file = file;
        this.metadata = file.metadata();
        this.architecture = metadata.architecture();
    }

    static void require(GgufFile file) {
        ArchitectureCheck check = new ArchitectureCheck(file);
        check.requireDivisors();
        check.requireWindow();
        check.requireCompanions();
    }

    private void requireDivisors() {
        DIVISORS.forEach((key, architectures) -> {
            if (architectures.contains(architecture) && isZero(key)) {
                throw refuseDivisor(key);
            }
        });
        boolean layersNamed =
                metadata.find(metadata.ownKey("attention.recurrent_layers")).isPresent();
        if (BY_INTERVAL.contains(architecture) && !layersNamed && isZero(INTERVAL)) {
            throw refuseDivisor(INTERVAL);
        }
        boolean complete = metadata.integer(metadata.ownKey("block_count")).isPresent();
        if (BY_HEADS.contains(architecture) && complete && firstHeadCount() == 0) {
            throw refuseDivisor("attention.head_count");
        }
    }

    private long firstHeadCount() {
        String key = metadata.ownKey("attention.head_count");
        return switch (metadata.asMap().get(key)) {
            case null -> 0;
            case GgufArray array -> array.elementType() == GgufType.STRING || array.size() == 0 ? 1 : array.longAt(0);
            case GgufScalar scalar -> scalar.isInteger() ? scalar.asLong() : 1;
            case GgufText ignored -> 1;
        };
    }

    private boolean isZero(String suffix) {
        return metadata.integer(metadata.ownKey(suffix)).orElse(1) == 0;
    }

    private RuntimeException refuseDivisor(String key) {
        return GgufRule.DIVISORS.refuse(file.path(), metadata.ownKey(key) + " is 0 or missing");
    }

    private void requireWindow() {
        String key = metadata.ownKey("attention.sliding_window");
        if (WINDOWED.contains(architecture) && metadata.integer(key).orElse(0) == 0) {
            throw GgufRule.SLIDING_WINDOW.refuse(file.path(), key + " is 0 or missing");
        }
    }

    private void requireCompanions() {
        switch (architecture) {
            case "rwkv6qwen2" -> requireOtherIfAny("time_mix_first.weight", "time_mix_ln.weight");
            case "hy_v3" -> requireExpertMatrices();
            case "t5", "t5encoder" -> requireRelativeBias();
            default -> {
                if (BIASED_CONVOLUTION.contains(architecture)) {
                    requireConvolutionBias();
                }
            }
        }
    }

    private void requireConvolutionBias() {
        for (GgufTensor tensor : file.tensors()) {
            if (CONVOLUTION.matcher(tensor.name()).matches()) {
                requireTensor(tensor.name().replace(".weight", ".bias"), tensor.name());
            }
        }
    }

    /** A block that has the one tensor needs the other. */
    private void requireOtherIfAny(String suffix, String other) {
        for (GgufTensor tensor : file.tensors()) {
            if (tensor.name().startsWith("blk.") && tensor.name().endsWith("." + suffix)) {
                requireTensor(tensor.name().replace(suffix, other), tensor.name());
            }
        }
    }

    /** A block with a router needs its experts, in either form. */
    private void requireExpertMatrices() {
        for (GgufTensor tensor : file.tensors()) {
            if (tensor.name().startsWith("blk.") && tensor.name().endsWith(".ffn_gate_inp.weight")) {
                String block = tensor.name().substring(0, tensor.name().length() - "ffn_gate_inp.weight".length());
                boolean fused = file.tensor(block + "ffn_gate_up_exps.weight").isPresent();
                if (!fused) {
                    requireTensor(block + "ffn_gate_exps.weight", tensor.name());
                    requireTensor(block + "ffn_up_exps.weight", tensor.name());
                }
                requireTensor(block + "ffn_down_exps.weight", tensor.name());
            }
        }
    }

    /** Blocks without a table of their own use the first block's. */
    private void requireRelativeBias() {
        for (String stack : List.of("enc.", "dec.")) {
            String first = stack + "blk.0.attn_q.weight";
            if (file.tensor(first).isPresent()) {
                requireTensor(stack + "blk.0.attn_rel_b.weight", first);
            }
        }
    }

    private void requireTensor(String name, String beside) {
        if (file.tensor(name).isEmpty()) {
            throw GgufRule.COMPANION_TENSORS.refuse(
                    file.path(), "there is a tensor " + beside + " but none named " + name);
        }
    }
}
