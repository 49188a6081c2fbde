package io.lethean.lem.internal.tokenizer;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What tokenizer_config.json, and special_tokens_map.json of older folders, say about the tokens: named ones such as
 * BOS, further special ones, and added ones with their ids.
 */
final class TokenizerConfig {

    static final String FILE = "tokenizer_config.json";

    private static final List<String> STANDARD =
            List.of("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token");
    private static final String EXTRA = "extra_special_tokens";
    private static final String DECODER = "added_tokens_decoder";

    private final TokenizerFolder folder;
    private final ObjectNode config;
    private final TokenizerClass kind;

    private TokenizerConfig(TokenizerFolder folder, ObjectNode config, TokenizerClass kind) {
        this.folder = folder;
        this.config = config;
        this.kind = kind;
    }

    static TokenizerConfig read(TokenizerFolder folder, TokenizerJson json) throws IOException {
        ObjectNode config = TokenizerFolder.JSON.createObjectNode();
        JsonNode file = folder.json(FILE);
        putAll(config, file);
        if (!file.has(DECODER)) {
            putAll(config, folder.json("special_tokens_map.json"));
        }
        return new TokenizerConfig(folder, config, TokenizerClass.of(file, folder.json("config.json"), json));
    }

    private static void putAll(ObjectNode target, JsonNode source) {
        source.properties().forEach(entry -> target.set(entry.getKey(), entry.getValue()));
    }

    /** The class that transformers loads the tokenizer with. */
    TokenizerClass kind() {
        return kind;
    }

    JsonNode setting(String key) {
        return config.path(key);
    }

    /** The texts of special tokens: those with a name, and further ones. */
    List<String> special() {
        Map<String, String> named = new LinkedHashMap<>();
        for (String key : STANDARD) {
            if (config.has(key)) {
                content(config.path(key)).ifPresent(text -> named.put(key, text));
            } else if (kind.defaults().containsKey(key)) {
                named.put(key, kind.defaults().get(key));
            }
        }
        config.properties().stream()
                .filter(entry -> entry.getKey().endsWith("_token") && !STANDARD.contains(entry.getKey()))
                .forEach(entry -> content(entry.getValue()).ifPresent(text -> named.put(entry.getKey(), text)));
        List<String> texts = new ArrayList<>(named.values());
        JsonNode extra = config.has(EXTRA) ? config.path(EXTRA) : config.path("additional_special_tokens");
        extra.values().forEach(value -> content(value).ifPresent(texts::add));
        return texts.stream().distinct().toList();
    }

    /**
     * Whether a token that is added already becomes a special one: it has a standard name in the file, and the list that
     * counts, the file's own before tokenizer.json's, holds it.
     */
    boolean marks(String text, TokenizerJson json) {
        boolean named = STANDARD.stream()
                .anyMatch(key -> content(config.path(key)).filter(text::equals).isPresent());
        List<AddedToken> listed = config.has(DECODER) ? added() : json.added();
        return kind.marksAll()
                || named && listed.stream().anyMatch(token -> token.content().equals(text));
    }

    private static Optional<String> content(JsonNode value) {
        JsonNode text = value.isObject() ? value.path("content") : value;
        return text.isString() && !text.stringValue().isEmpty() ? Optional.of(text.stringValue()) : Optional.empty();
    }

    /** The tokens that it lists with their ids. */
    List<AddedToken> added() {
        List<AddedToken> tokens = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : config.path(DECODER).properties()) {
            JsonNode content = entry.getValue().path("content");
            if (!content.isString() || !entry.getKey().matches("[0-9]{1,9}")) {
                throw folder.refuse(
                        "tokenizer-ids",
                        FILE,
                        "has the entry " + Quoted.of(entry.getKey()) + " in " + DECODER + " without id or content");
            }
            tokens.add(AddedTokens.of(Integer.parseInt(entry.getKey()), content.stringValue(), entry.getValue()));
        }
        return tokens;
    }
}
