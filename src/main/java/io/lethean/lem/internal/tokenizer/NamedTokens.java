package io.lethean.lem.internal.tokenizer;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The tokens that tokenizer_config.json names, such as {@code bos_token}, and what the post-processor adds to them. */
final class NamedTokens {

    private final JsonNode config;
    private final Map<String, String> changed = new HashMap<>();

    NamedTokens(JsonNode config) {
        this.config = config;
    }

    /** Whether there is a configuration with any entry. */
    boolean configured() {
        return !config.isEmpty();
    }

    /** The text of a token, also where the file describes it by an object; null if it is not named. */
    @Nullable
    String text(String kind) {
        if (changed.containsKey(kind)) {
            return changed.get(kind);
        }
        JsonNode entry = entry(kind);
        JsonNode text = entry.isObject() ? entry.path("content") : entry;
        return text.isString() ? text.stringValue() : null;
    }

    /** The text of a token that the file gives as a plain text; null for an object, with which no token is compared. */
    @Nullable
    String plainText(String kind) {
        if (changed.containsKey(kind)) {
            return changed.get(kind);
        }
        return entry(kind).isString() ? entry(kind).stringValue() : null;
    }

    /** Whether it is named, by a text that is not empty or by an object. */
    boolean has(String kind) {
        String text = plainText(kind);
        return text != null
                ? !text.isEmpty()
                : entry(kind).isObject() && !entry(kind).isEmpty();
    }

    /** Gives a token the text of another, whatever its form. */
    void copy(String from, String to) {
        String text = text(from);
        if (text != null) {
            changed.put(to, text);
        }
    }

    void set(String kind, String text) {
        changed.put(kind, text);
    }

    private JsonNode entry(String kind) {
        return config.path(kind + "_token");
    }
}
