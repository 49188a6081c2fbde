package io.lethean.lem.convert;

import static io.lethean.lem.convert.Dim.EXPERTS;
import static io.lethean.lem.convert.Dim.EXPERT_WIDTH;
import static io.lethean.lem.convert.Dim.HIDDEN;

import io.lethean.lem.internal.checkpoint.ModelConfig;
import io.lethean.lem.internal.checkpoint.ModelFolder;
import io.lethean.lem.internal.checkpoint.SourceTensor;
import io.lethean.lem.internal.tokenizer.TokenizerFamily;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Mistral with experts, which GGUF knows as a Llama. */
final class MixtralFamily implements Family {

    private static final StackedExperts EXPERT_NAMES = new StackedExperts(
            Pattern.compile("model\\.layers\\.(\\d{1,4})\\.block_sparse_moe\\.experts\\.(\\d{1,5})\\.(\\w+)\\.weight"),
            Map.of("w1", "ffn_gate_exps", "w2", "ffn_down_exps", "w3", "ffn_up_exps"),
            List.of("ffn_gate_exps", "ffn_down_exps", "ffn_up_exps"));

    private static final ModuleTable MODULES = DecoderModules.base()
            .layer("post_attention_layernorm", "ffn_norm", HIDDEN)
            .layer("block_sparse_moe.gate", "ffn_gate_inp", EXPERTS, HIDDEN)
            .layer("block_sparse_moe.switch_mlp.gate_proj", "ffn_gate_exps", EXPERTS, EXPERT_WIDTH, HIDDEN)
            .layer("block_sparse_moe.switch_mlp.up_proj", "ffn_up_exps", EXPERTS, EXPERT_WIDTH, HIDDEN)
            .layer("block_sparse_moe.switch_mlp.down_proj", "ffn_down_exps", EXPERTS, HIDDEN, EXPERT_WIDTH);

    private final LlamaFamily llama;

    MixtralFamily(LlamaFamily llama) {
        this.llama = llama;
    }

    @Override
    public List<String> classes() {
        return List.of("MixtralForCausalLM");
    }

    @Override
    public String id() {
        return llama.id();
    }

    @Override
    public TokenizerFamily tokenizer() {
        return llama.tokenizer();
    }

    @Override
    public ModuleTable modules() {
        return MODULES;
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
