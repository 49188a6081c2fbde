package io.lethean.lem.convert;

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
}
