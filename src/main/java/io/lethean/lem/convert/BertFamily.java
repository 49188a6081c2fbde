package io.lethean.lem.convert;

import static io.lethean.lem.convert.Dim.FEED_FORWARD;
import static io.lethean.lem.convert.Dim.HIDDEN;
import static io.lethean.lem.convert.Dim.POSITIONS;
import static io.lethean.lem.convert.Dim.TOKEN_TYPES;
import static io.lethean.lem.convert.Dim.VOCABULARY;

import io.lethean.lem.internal.checkpoint.ModelConfig;
import io.lethean.lem.internal.checkpoint.ModelFolder;
import io.lethean.lem.internal.checkpoint.SourceTensor;
import io.lethean.lem.internal.tokenizer.TokenizerFamily;
import java.util.List;
import java.util.Optional;

/** BERT encoders, which are used for embeddings. Pooling layer and language model head are left out. */
final class BertFamily implements Family {

    private static final List<String> UNUSED =
            List.of("embeddings.position_ids", "pooler.", "cls.predictions", "cls.seq_relationship");

    private static final ModuleTable MODULES = new ModuleTable("encoder.layer.")
            .top("embeddings.word_embeddings", "token_embd", VOCABULARY, HIDDEN)
            .top("embeddings.position_embeddings", "position_embd", POSITIONS, HIDDEN)
            .topOption("embeddings.token_type_embeddings", "token_types", TOKEN_TYPES, HIDDEN)
            .top("embeddings.LayerNorm", "token_embd_norm", HIDDEN)
            .layer("attention.self.query", "attn_q", HIDDEN, HIDDEN)
            .layer("attention.self.key", "attn_k", HIDDEN, HIDDEN)
            .layer("attention.self.value", "attn_v", HIDDEN, HIDDEN)
            .layer("attention.output.dense", "attn_output", HIDDEN, HIDDEN)
            .layer("attention.output.LayerNorm", "attn_output_norm", HIDDEN)
            .layer("intermediate.dense", "ffn_up", FEED_FORWARD, HIDDEN)
            .layer("output.dense", "ffn_down", HIDDEN, FEED_FORWARD)
            .layer("output.LayerNorm", "layer_output_norm", HIDDEN);

    private static final FamilyFacts FACTS =
            new FamilyFacts("bert", List.of("BertModel", "BertForMaskedLM"), TokenizerFamily.BERT, MODULES);

    @Override
    public FamilyFacts facts() {
        return FACTS;
    }

    @Override
    public Dimensions dimensions(ModelConfig config) {
        return Dimensions.of(config)
                .set(POSITIONS, config.required("max_position_embeddings"))
                .set(TOKEN_TYPES, config.required("type_vocab_size"));
    }

    @Override
    public Optional<SourceTensor> select(SourceTensor tensor) {
        String name = tensor.name();
        name = name.startsWith("bert.") ? name.substring("bert.".length()) : name;
        name = renamed(renamed(name, ".gamma", ".weight"), ".beta", ".bias");
        return UNUSED.stream().anyMatch(name::startsWith) ? Optional.empty() : Optional.of(tensor.renamed(name));
    }

    private static String renamed(String name, String suffix, String other) {
        return name.endsWith(suffix) ? name.substring(0, name.length() - suffix.length()) + other : name;
    }

    @Override
    public void hyperparameters(Hyperparameters out, ModelFolder folder) {
        DecoderValues.write(out, folder.config());
        out.flag("attention.causal", false);
        Pooling.write(out, folder);
    }
}
