package io.lethean.lem.convert;

import static io.lethean.lem.convert.Dim.FEED_FORWARD;
import static io.lethean.lem.convert.Dim.HIDDEN;

import io.lethean.lem.convert.ModuleTable.Place;
import io.lethean.lem.internal.checkpoint.ModelConfig;
import io.lethean.lem.internal.checkpoint.ModelFolder;
import io.lethean.lem.internal.checkpoint.Rows;
import io.lethean.lem.internal.checkpoint.ShiftedRows;
import io.lethean.lem.internal.checkpoint.SourceTensor;
import io.lethean.lem.internal.checkpoint.UnshiftedRows;
import io.lethean.lem.internal.gguf.GgufValue;
import io.lethean.lem.internal.tokenizer.TokenizerFamily;
import java.util.List;
import java.util.Optional;

/** Gemma 2. Its norms are kept minus 1, and llama.cpp writes fewer values for it than for others. */
final class Gemma2Family implements Family {

    private static final ModuleTable MODULES = DecoderModules.base()
            .layer("post_attention_layernorm", "post_attention_norm", HIDDEN)
            .layer("pre_feedforward_layernorm", "ffn_norm", HIDDEN)
            .layer("post_feedforward_layernorm", "post_ffw_norm", HIDDEN)
            .layer("mlp.gate_proj", "ffn_gate", FEED_FORWARD, HIDDEN)
            .layer("mlp.up_proj", "ffn_up", FEED_FORWARD, HIDDEN)
            .layer("mlp.down_proj", "ffn_down", HIDDEN, FEED_FORWARD);

    @Override
    public List<String> classes() {
        return List.of("Gemma2ForCausalLM");
    }

    @Override
    public String id() {
        return "gemma2";
    }

    @Override
    public TokenizerFamily tokenizer() {
        return TokenizerFamily.GEMMA2;
    }

    @Override
    public ModuleTable modules() {
        return MODULES;
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
        return computes(place) ? new UnshiftedRows(rows) : rows;
    }

    @Override
    public boolean computes(Place place) {
        return place.module().source().endsWith("norm") && place.suffix().equals("weight");
    }

    @Override
    public void convert(SourceTensor tensor, Conversion conversion) {
        boolean norm = tensor.name().endsWith("norm.weight");
        conversion
                .plan()
                .add(
                        conversion.place(tensor).target(),
                        norm ? tensor.with(tensor.shape(), tensor.element(), new ShiftedRows(tensor.rows())) : tensor);
    }
}
