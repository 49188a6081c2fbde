package io.lethean.lem.internal.tokenizer;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * The ids of special tokens, whether they are added around a text, and the chat templates.
 *
 * <p>An id comes from tokenizer_config.json, looked up in the added tokens of tokenizer.json, else from config.json.
 */
final class SpecialTokens {

    private static final Map<String, String> KEYS = Map.of(
            "bos", "bos",
            "eos", "eos",
            "unk", "unknown",
            "sep", "seperator",
            "pad", "padding",
            "mask", "mask",
            "eot", "eot",
            "eom", "eom");

    private static final List<String> ADDABLE = List.of("bos", "eos", "sep");

    private final TokenizerFolder folder;
    private final int limit;
    private final Map<String, Integer> ids = new LinkedHashMap<>();
    private final Map<String, Boolean> added = new LinkedHashMap<>();
    private final List<String> kinds = new ArrayList<>(List.of("bos", "eos", "unk", "sep", "pad", "cls", "mask"));

    private SpecialTokens(TokenizerFolder folder, OptionalInt limit) {
        this.folder = folder;
        this.limit = limit.orElse(Integer.MAX_VALUE);
    }

    /**
     * Reads the special tokens of a folder and writes their keys.
     *
     * @param json the folder's tokenizer.json, if it has one
     * @param limit ids from here on are left out
     */
    static void put(TokenizerFolder folder, @Nullable TokenizerJson json, OptionalInt limit, TokenizerValues target)
            throws IOException {
        SpecialTokens special = new SpecialTokens(folder, limit);
        JsonNode config = folder.json("tokenizer_config.json");
        NamedTokens named = new NamedTokens(config);
        if (json != null) {
            new PostProcessorRule(named, special.added, special.kinds)
                    .read(json.rest().path("post_processor"));
        }
        boolean configured = !config.isEmpty();
        if (configured) {
            special.readConfig(config, named, json == null ? List.of() : json.added());
        }
        special.readModelConfig(folder.json("config.json"));
        special.putIds(target);
        if (configured) {
            ChatTemplates.read(folder, config).putInto(target);
        }
        Normalization.put(json == null ? MissingNode.getInstance() : json.rest().path("normalizer"), target);
    }

    private void readConfig(JsonNode config, NamedTokens named, List<AddedToken> tokens) {
        for (String kind : kinds) {
            JsonNode add = config.path("add_" + kind + "_token");
            if (add.isBoolean()) {
                added.put(kind, add.booleanValue());
            }
            String text = named.text(kind);
            for (AddedToken token : text == null ? List.<AddedToken>of() : tokens) {
                if (token.content().equals(text)) {
                    setId(kind, token.id());
                    break;
                }
            }
        }
    }

    private void readModelConfig(JsonNode config) {
        for (String kind : kinds) {
            String key = kind + "_token_id";
            JsonNode id = config.path(key);
            if (id.isMissingNode() || id.isNull()) {
                id = config.path("text_config").path(key);
            }
            if (id.isIntegralNumber()) {
                setId(kind, requireId(key, id));
            }
        }
    }

    private int requireId(String key, JsonNode id) {
        if (!id.canConvertToInt() || id.intValue() < 0) {
            throw folder.refuse(
                    "tokenizer-special-ids", "config.json", "has the " + key + " " + id + ", which is not an id");
        }
        return id.intValue();
    }

    /** The first id that is found counts. */
    private void setId(String kind, int id) {
        if (id < limit) {
            ids.putIfAbsent(kind, id);
        }
    }

    private void putIds(TokenizerValues target) {
        ids.forEach((kind, id) -> {
            if (KEYS.containsKey(kind)) {
                target.id("tokenizer.ggml." + KEYS.get(kind) + "_token_id", id);
            }
        });
        added.forEach((kind, value) -> {
            if (ADDABLE.contains(kind)) {
                target.flag("tokenizer.ggml.add_" + kind + "_token", value);
            }
        });
    }
}
