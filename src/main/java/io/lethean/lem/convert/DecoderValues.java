package io.lethean.lem.convert;

import io.lethean.lem.internal.checkpoint.ModelConfig;
import java.util.OptionalLong;

/** The hyperparameters that every architecture has, in llama.cpp's order. */
final class DecoderValues {

    private DecoderValues() {}

    static void write(Hyperparameters out, ModelConfig config) {
        out.count("block_count", config.required("num_hidden_layers"));
        out.count("context_length", config.count("max_position_embeddings", "n_ctx", "n_positions"));
        out.count("embedding_length", config.required("hidden_size"));
        out.count("feed_forward_length", config.required("intermediate_size"));
        out.count("attention.head_count", config.required("num_attention_heads"));
        out.count("attention.head_count_kv", config.count("num_key_value_heads"));
        if (config.isFalse("is_causal")) {
            out.flag("attention.causal", false);
        }
        RopeSettings.of(config).write(out, config);
        out.real("attention.layer_norm_rms_epsilon", config.real("rms_norm_eps", "norm_eps"));
        out.real("attention.layer_norm_epsilon", config.real("layer_norm_eps", "layer_norm_epsilon"));
        out.count("expert_count", config.count("num_local_experts", "num_experts"));
        out.count("expert_used_count", config.count("num_experts_per_tok", "top_k_experts"));
        OptionalLong head = config.count("head_dim");
        out.count("attention.key_length", head);
        out.count("attention.value_length", head);
        out.general("file_type", io.lethean.lem.internal.gguf.GgufValue.uint32(0));
    }

    /** The size of a head: what the configuration says, or hidden size / heads. */
    static long headSize(ModelConfig config) {
        return Dimensions.headSize(config, "head_dim")
                .orElseGet(() -> config.required("hidden_size") / Dimensions.positive(config, "num_attention_heads"));
    }
}
