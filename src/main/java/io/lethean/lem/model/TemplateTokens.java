package io.lethean.lem.model;

import io.lethean.lem.internal.gguf.GgufMetadata;
import io.lethean.lem.internal.jinja.SpecialTokens;
import io.lethean.lem.internal.llama.Vocabulary;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The special tokens of a file under the names that transformers gives them in templates.
 *
 * <p>A file does not say which tokens transformers lists as additional ones, so there is no
 * {@code additional_special_tokens}.
 */
final class TemplateTokens {

    /** Names in templates, and in the metadata of GGUF files; the misspelling is the format's. */
    private static final Map<String, String> KEYS = keys();

    private TemplateTokens() {}

    private static Map<String, String> keys() {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("unk_token", "unknown");
        keys.put("sep_token", "seperator");
        keys.put("pad_token", "padding");
        keys.put("cls_token", "cls");
        keys.put("mask_token", "mask");
        return keys;
    }

    /** The tokens that begin and end texts, by llama.cpp's defaults if the file does not name them, and those it names. */
    static SpecialTokens of(Vocabulary vocabulary, GgufMetadata metadata) {
        SpecialTokens tokens = SpecialTokens.none()
                .with("bos_token", vocabulary.symbol(vocabulary.bos()))
                .with("eos_token", vocabulary.symbol(vocabulary.eos()));
        for (Map.Entry<String, String> key : KEYS.entrySet()) {
            long id = metadata.integer("tokenizer.ggml." + key.getValue() + "_token_id")
                    .orElse(-1);
            boolean exists = id >= 0 && id < vocabulary.size();
            tokens = tokens.with(key.getKey(), exists ? vocabulary.symbol((int) id) : "");
        }
        return tokens;
    }
}
