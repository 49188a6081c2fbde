package io.lethean.lem.convert;

import io.lethean.lem.convert.ModuleTable.Place;
import io.lethean.lem.internal.checkpoint.ModelConfig;
import io.lethean.lem.internal.checkpoint.ModelFolder;
import io.lethean.lem.internal.checkpoint.Rows;
import io.lethean.lem.internal.checkpoint.SourceTensor;
import io.lethean.lem.internal.gguf.GgufValue;
import io.lethean.lem.internal.tokenizer.TokenizerFamily;
import java.util.List;
import java.util.Optional;

/** Gemma 2. Its norms are kept minus 1, and llama.cpp writes fewer values for it than for others. */
final class Gemma2Family implements Family {

    private static final ModuleTable MODULES = GemmaNorms.modules(DecoderModules.base());

    private static final FamilyFacts FACTS =
            new FamilyFacts("gemma2", List.of("Gemma2ForCausalLM"), TokenizerFamily.GEMMA2, MODULES);

    @Override
    public FamilyFacts facts() {
        return FACTS;
    }

    @Override
    public Optional<SourceTensor> select(SourceTensor tensor) {
        return tensor.name().equals("lm_head.weight") ? Optional.empty() : TextTensors.select(tensor);
    }

    @Override
    public void hyperparameters(Hyperparameters out, ModelFolder folder) {
        ModelConfig config = folder.config();
        out.count("context_length", config.required("max_position_embeddings"));
        out.count("embedding_length", config.required("hidden_size"));
        out.count("block_count", config.required("num_hidden_layers"));
        out.count("feed_forward_length", config.required("intermediate_size"));
        out.count("attention.head_count", config.required("num_attention_heads"));
        out.count("attention.head_count_kv", config.required("num_key_value_heads", "num_attention_heads"));
        out.real("attention.layer_norm_rms_epsilon", config.real("rms_norm_eps"));
        out.count("attention.key_length", config.required("head_dim"));
        out.count("attention.value_length", config.required("head_dim"));
        out.general("file_type", GgufValue.uint32(0));
        out.real("attn_logit_softcapping", config.real("attn_logit_softcapping"));
        out.real("final_logit_softcapping", config.real("final_logit_softcapping"));
        out.count("attention.sliding_window", config.required("sliding_window"));
    }

    @Override
    public Optional<CheckpointForm> checkpointForm() {
        return Optional.of(new CheckpointForm("Gemma2ForCausalLM", "gemma2", CheckpointForm.Biases.ATTENTION));
    }

    @Override
    public Rows restore(Place place, Rows rows, Dimensions dimensions) {
        return GemmaNorms.restored(place, rows);
    }

    @Override
    public boolean computes(Place place) {
        return GemmaNorms.isNorm(place);
    }

    @Override
    public void convert(SourceTensor tensor, Conversion conversion) {
        conversion.plan().add(conversion.place(tensor).target(), GemmaNorms.converted(tensor));
    }
}
