package io.lethean.lem.convert;

import static io.lethean.lem.convert.Dim.EXPERTS;
import static io.lethean.lem.convert.Dim.EXPERT_WIDTH;
import static io.lethean.lem.convert.Dim.HIDDEN;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.checkpoint.ModelConfig;
import io.lethean.lem.internal.checkpoint.ModelFolder;
import io.lethean.lem.internal.checkpoint.PickedRows;
import io.lethean.lem.internal.checkpoint.Rows;
import io.lethean.lem.internal.checkpoint.SourceTensor;
import io.lethean.lem.internal.tokenizer.TokenizerFamily;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Qwen 3 with experts. Their matrices come one by one, stacked by mlx-lm, or stacked with gate and up in one tensor. */
final class Qwen3MoeFamily implements Family {

    private static final StackedExperts EXPERT_NAMES = new StackedExperts(
            Pattern.compile("model\\.layers\\.(\\d{1,4})\\.mlp\\.experts\\.(\\d{1,5})\\.(\\w+)\\.weight"),
            Map.of("gate_proj", "ffn_gate_exps", "up_proj", "ffn_up_exps", "down_proj", "ffn_down_exps"),
            List.of("ffn_down_exps", "ffn_gate_exps", "ffn_up_exps"));

    private static final String NORMALIZED = "norm_topk_prob";

    private static final Pattern FUSED =
            Pattern.compile("model\\.layers\\.(\\d{1,4})\\.mlp\\.experts\\.(gate_up_proj|down_proj)(?:\\.weight)?");

    private static final ModuleTable MODULES = DecoderModules.withExperts(
            DecoderModules.withHeadNorms(DecoderModules.base())
                    .layer("post_attention_layernorm", "ffn_norm", HIDDEN)
                    .layer("mlp.gate", "ffn_gate_inp", EXPERTS, HIDDEN),
            "mlp.switch_mlp");

    private static final FamilyFacts FACTS =
            new FamilyFacts("qwen3moe", List.of("Qwen3MoeForCausalLM"), TokenizerFamily.BYTE_PAIR, MODULES);

    @Override
    public FamilyFacts facts() {
        return FACTS;
    }

    @Override
    public Dimensions dimensions(ModelConfig config) {
        return Dimensions.of(config)
                .set(EXPERTS, config.required("num_local_experts", "num_experts"))
                .set(EXPERT_WIDTH, config.required("moe_intermediate_size"));
    }

    @Override
    public void hyperparameters(Hyperparameters out, ModelFolder folder) {
        requireNormalizedWeights(folder.config());
        DecoderValues.write(out, folder.config());
        out.count("expert_feed_forward_length", folder.config().count("moe_intermediate_size"));
        out.count("expert_shared_feed_forward_length", folder.config().count("shared_expert_intermediate_size"));
    }

    /** GGUF has no key for it: llama.cpp always divides the weights of the chosen experts by their sum. */
    private static void requireNormalizedWeights(ModelConfig config) {
        if (!config.isTrue(NORMALIZED)) {
            throw new InvalidModelException(
                    "config-value",
                    "The file " + config.file() + " "
                            + config.find(NORMALIZED)
                                    .map(value -> "has " + NORMALIZED + " " + value)
                                    .orElse("does not have " + NORMALIZED + ", which then is false")
                            + ", and llama.cpp runs Qwen 3 with experts only if it is true: converted, the model would"
                            + " give other answers. Run this model with transformers, or convert one with"
                            + " norm_topk_prob true in its config.json.");
        }
    }

    @Override
    public void convert(SourceTensor tensor, Conversion conversion) {
        var fused = FUSED.matcher(tensor.name());
        if (fused.matches()) {
            addFused(tensor, "blk." + Integer.parseInt(fused.group(1)) + ".", fused.group(2), conversion);
        } else if (!EXPERT_NAMES.add(tensor, conversion)) {
            conversion.add(tensor);
        }
    }

    private static void addFused(SourceTensor tensor, String layer, String matrix, Conversion conversion) {
        long width = conversion.dimensions().size(EXPERT_WIDTH);
        if (matrix.equals("down_proj")) {
            conversion.check(tensor.requireReal(), List.of(EXPERTS, HIDDEN, EXPERT_WIDTH));
            conversion.plan().add(layer + "ffn_down_exps.weight", tensor);
            return;
        }
        long experts = conversion.dimensions().size(EXPERTS);
        long hidden = conversion.dimensions().size(HIDDEN);
        if (!tensor.shape().equals(List.of(experts, 2 * width, hidden))) {
            throw tensor.refuse(
                    "checkpoint-shape",
                    "has the shape " + tensor.shapeText() + ", and by config.json it must be " + experts + " x "
                            + 2 * width + " x " + hidden + "; tensors and configuration are of different models");
        }
        List<Long> shape = List.of(experts, width, hidden);
        conversion.plan().add(layer + "ffn_gate_exps.weight", shape, half(tensor.requireReal(), width, 0));
        conversion.plan().add(layer + "ffn_up_exps.weight", shape, half(tensor, width, width));
    }

    /** One half of the rows of every expert. */
    private static Rows half(SourceTensor tensor, long width, long first) {
        return new PickedRows(
                tensor.rows(), tensor.rows().count() / 2, row -> row / width * 2 * width + first + row % width);
    }
}
