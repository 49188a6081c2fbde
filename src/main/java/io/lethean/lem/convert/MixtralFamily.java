package io.lethean.lem.convert;

import static io.lethean.lem.convert.Dim.EXPERTS;
import static io.lethean.lem.convert.Dim.EXPERT_WIDTH;
import static io.lethean.lem.convert.Dim.HIDDEN;

import io.lethean.lem.internal.checkpoint.ModelConfig;
import io.lethean.lem.internal.checkpoint.ModelFolder;
import io.lethean.lem.internal.checkpoint.SourceTensor;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Mistral with experts, which GGUF knows as a Llama. */
final class MixtralFamily implements Family {

    private static final StackedExperts EXPERT_NAMES = new StackedExperts(
            Pattern.compile("model\\.layers\\.(\\d{1,4})\\.block_sparse_moe\\.experts\\.(\\d{1,5})\\.(\\w+)\\.weight"),
            Map.of("w1", "ffn_gate_exps", "w2", "ffn_down_exps", "w3", "ffn_up_exps"),
            List.of("ffn_gate_exps", "ffn_down_exps", "ffn_up_exps"));

    private static final ModuleTable MODULES = DecoderModules.withExperts(
            DecoderModules.base()
                    .layer("post_attention_layernorm", "ffn_norm", HIDDEN)
                    .layer("block_sparse_moe.gate", "ffn_gate_inp", EXPERTS, HIDDEN),
            "block_sparse_moe.switch_mlp");

    private final LlamaFamily llama;
    private final FamilyFacts facts;

    MixtralFamily(LlamaFamily llama) {
        this.llama = llama;
        this.facts = new FamilyFacts(llama.id(), List.of("MixtralForCausalLM"), llama.tokenizer(), MODULES);
    }

    @Override
    public FamilyFacts facts() {
        return facts;
    }

    @Override
    public Dimensions dimensions(ModelConfig config) {
        return Dimensions.of(config)
                .set(EXPERTS, config.required("num_local_experts"))
                .set(EXPERT_WIDTH, config.required("intermediate_size"));
    }

    @Override
    public void hyperparameters(Hyperparameters out, ModelFolder folder) {
        llama.hyperparameters(out, folder);
    }

    @Override
    public void convert(SourceTensor tensor, Conversion conversion) {
        if (!EXPERT_NAMES.add(tensor, conversion)) {
            llama.convert(tensor, conversion);
        }
    }
}
