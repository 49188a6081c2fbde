package io.lethean.lem.convert;

import static io.lethean.lem.convert.Dim.EXPERTS;
import static io.lethean.lem.convert.Dim.EXPERT_WIDTH;
import static io.lethean.lem.convert.Dim.FEED_FORWARD;
import static io.lethean.lem.convert.Dim.HEAD;
import static io.lethean.lem.convert.Dim.HIDDEN;
import static io.lethean.lem.convert.Dim.KEYS;
import static io.lethean.lem.convert.Dim.QUERIES;
import static io.lethean.lem.convert.Dim.VOCABULARY;

/** The modules that decoders of the Llama kind name alike. */
final class DecoderModules {

    private DecoderModules() {}

    /** Embedding, head, last norm, and the attention of each layer with its norm. */
    static ModuleTable base() {
        return new ModuleTable("model.layers.")
                .top("model.embed_tokens", "token_embd", VOCABULARY, HIDDEN)
                .topOption("lm_head", "output", VOCABULARY, HIDDEN)
                .top("model.norm", "output_norm", HIDDEN)
                .layer("input_layernorm", "attn_norm", HIDDEN)
                .layer("self_attn.q_proj", "attn_q", QUERIES, HIDDEN)
                .layer("self_attn.k_proj", "attn_k", KEYS, HIDDEN)
                .layer("self_attn.v_proj", "attn_v", KEYS, HIDDEN)
                .layer("self_attn.o_proj", "attn_output", HIDDEN, QUERIES);
    }

    /** {@link #base} with one feed-forward network, as Llama has it. */
    static ModuleTable dense() {
        return withFeedForward(base().layer("post_attention_layernorm", "ffn_norm", HIDDEN));
    }

    /** Adds the three matrices of a gated feed-forward network. */
    static ModuleTable withFeedForward(ModuleTable table) {
        return table.layer("mlp.gate_proj", "ffn_gate", FEED_FORWARD, HIDDEN)
                .layer("mlp.up_proj", "ffn_up", FEED_FORWARD, HIDDEN)
                .layer("mlp.down_proj", "ffn_down", HIDDEN, FEED_FORWARD);
    }

    /** Adds the norms of the queries' and keys' heads. */
    static ModuleTable withHeadNorms(ModuleTable table) {
        return table.layer("self_attn.q_norm", "attn_q_norm", HEAD).layer("self_attn.k_norm", "attn_k_norm", HEAD);
    }

    /** Adds the stacked matrices of gated experts, in modules that begin with this name. */
    static ModuleTable withExperts(ModuleTable table, String name) {
        return table.layer(name + ".gate_proj", "ffn_gate_exps", EXPERTS, EXPERT_WIDTH, HIDDEN)
                .layer(name + ".up_proj", "ffn_up_exps", EXPERTS, EXPERT_WIDTH, HIDDEN)
                .layer(name + ".down_proj", "ffn_down_exps", EXPERTS, HIDDEN, EXPERT_WIDTH);
    }
}
