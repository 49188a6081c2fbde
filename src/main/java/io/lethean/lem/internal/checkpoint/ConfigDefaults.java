package io.lethean.lem.internal.checkpoint;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What transformers 5 adds to a {@code config.json} that leaves values out, by {@code model_type}.
 *
 * <p>llama.cpp's converter sees the configuration through transformers. Gemma 3 leaves out half of its values, and older
 * Llamas the size of a head; without these defaults the metadata would miss them. Only values that the converter writes
 * are here.
 */
enum ConfigDefaults {
    LLAMA("llama", new Sizes(32000, 4096, 11008, 32, 32), new Heads(0, 0), new More(2048, 1e-6, 10_000)),
    MISTRAL("mistral", new Sizes(32000, 4096, 14336, 32, 32), new Heads(8, 0), new More(131072, 1e-6, 10_000)),
    MIXTRAL("mixtral", new Sizes(32000, 4096, 14336, 32, 32), new Heads(8, -1), new More(131072, 1e-5, 1e6)),
    QWEN2("qwen2", new Sizes(151936, 4096, 22016, 32, 32), new Heads(32, -1), new More(32768, 1e-6, 10_000)),
    QWEN3("qwen3", new Sizes(151936, 4096, 22016, 32, 32), new Heads(32, 128), new More(32768, 1e-6, 10_000)),
    QWEN3_MOE("qwen3_moe", new Sizes(151936, 2048, 6144, 24, 32), new Heads(4, -1), new More(32768, 1e-6, 10_000)),
    GEMMA2("gemma2", new Sizes(256000, 2304, 9216, 26, 8), new Heads(4, 256), new More(8192, 1e-6, 10_000)),
    GEMMA3("gemma3_text", new Sizes(262208, 2304, 9216, 26, 8), new Heads(4, 256), new More(131072, 1e-6, 1e6)),
    GEMMA4("gemma4_text", new Sizes(262144, 2304, 9216, 30, 8), new Heads(4, 256), new More(131072, 1e-6, 1e6)),
    GPT_OSS("gpt_oss", new Sizes(201088, 2880, 2880, 36, 64), new Heads(8, 64), new More(131072, 1e-5, 150_000)),
    BERT("bert", new Sizes(30522, 768, 3072, 12, 12), new Heads(-1, -1), new More(512, 0, 0));

    /** Sizes in the order of their keys below. */
    private record Sizes(long vocabulary, long hidden, long feedForward, long layers, long heads) {}

    /** KV heads and size of a head; 0 to derive it from the other sizes, -1 for no such key. */
    private record Heads(long keyValue, long size) {}

    private record More(long context, double epsilon, double theta) {}

    private final String modelType;
    private final Sizes sizes;
    private final Heads heads;
    private final More more;

    ConfigDefaults(String modelType, Sizes sizes, Heads heads, More more) {
        this.modelType = modelType;
        this.sizes = sizes;
        this.heads = heads;
        this.more = more;
    }

    /** The values with their defaults; unchanged for a model type that is not in the table. */
    static Map<String, @Nullable Object> applied(Map<String, @Nullable Object> given) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>(given);
        for (ConfigDefaults row : values()) {
            if (row.modelType.equals(given.get("model_type"))) {
                row.complete(values);
            }
        }
        return values;
    }

    private void complete(Map<String, @Nullable Object> values) {
        values.putIfAbsent("vocab_size", sizes.vocabulary);
        values.putIfAbsent("hidden_size", sizes.hidden);
        values.putIfAbsent("intermediate_size", sizes.feedForward);
        values.putIfAbsent("num_hidden_layers", sizes.layers);
        values.putIfAbsent("num_attention_heads", sizes.heads);
        values.putIfAbsent("max_position_embeddings", more.context);
        completeHeads(values);
        if (this == BERT) {
            values.putIfAbsent("layer_norm_eps", 1e-12);
            values.putIfAbsent("type_vocab_size", 2L);
        } else {
            values.putIfAbsent("rms_norm_eps", more.epsilon);
        }
        if (this != BERT && this != GEMMA4) {
            RopeDefaults.complete(values, more.theta, this == GEMMA3);
        }
        completeOwn(values);
    }

    /** A value of null counts as missing here; that is how Llama's own files leave it open. */
    private void completeHeads(Map<String, @Nullable Object> values) {
        if (heads.keyValue > 0 && !values.containsKey("num_key_value_heads")) {
            values.put("num_key_value_heads", heads.keyValue);
        } else if (heads.keyValue >= 0 && values.get("num_key_value_heads") == null) {
            values.put("num_key_value_heads", values.get("num_attention_heads"));
        }
        if (heads.size > 0) {
            values.putIfAbsent("head_dim", heads.size);
        } else if (heads.size == 0
                && values.get("head_dim") == null
                && values.get("hidden_size") instanceof Long hidden
                && values.get("num_attention_heads") instanceof Long count
                && count > 0) {
            values.put("head_dim", hidden / count);
        }
    }

    private void completeOwn(Map<String, @Nullable Object> values) {
        switch (this) {
            case MIXTRAL -> {
                values.putIfAbsent("num_local_experts", 8L);
                values.putIfAbsent("num_experts_per_tok", 2L);
            }
            case QWEN3_MOE -> {
                if (!values.containsKey("num_experts")) {
                    values.putIfAbsent("num_local_experts", 128L);
                }
                values.putIfAbsent("num_experts_per_tok", 8L);
                values.putIfAbsent("moe_intermediate_size", 768L);
            }
            case GPT_OSS -> {
                values.putIfAbsent("num_local_experts", 128L);
                values.putIfAbsent("num_experts_per_tok", 4L);
                values.putIfAbsent("sliding_window", 128L);
            }
            case GEMMA2 -> {
                values.putIfAbsent("sliding_window", 4096L);
                values.putIfAbsent("final_logit_softcapping", 30.0);
                values.putIfAbsent("attn_logit_softcapping", 50.0);
            }
            case GEMMA3 -> values.putIfAbsent("sliding_window", 4096L);
            case GEMMA4 -> Gemma4Defaults.complete(values);
            case LLAMA, MISTRAL, QWEN2, QWEN3, BERT -> {}
        }
    }
}
