package io.lethean.lem.internal.jinja;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The special tokens that templates know by name, as text.
 *
 * <p>transformers binds the tokens that a tokenizer has and leaves the others undefined, and so does this class.
 */
public final class SpecialTokens {

    private final Map<String, String> texts;

    private SpecialTokens(Map<String, String> texts) {
        this.texts = Collections.unmodifiableMap(texts);
    }

    /** No tokens. */
    public static SpecialTokens none() {
        return new SpecialTokens(Map.of());
    }

    /** These tokens and one more; an empty text is not a token and adds nothing. */
    public SpecialTokens with(String name, String text) {
        if (text.isEmpty()) {
            return this;
        }
        Map<String, String> more = new LinkedHashMap<>(texts);
        more.put(name, text);
        return new SpecialTokens(more);
    }

    /** The token that ends a text; empty if the model has no such token. */
    String endOfSequence() {
        return texts.getOrDefault("eos_token", "");
    }

    /** Names and texts. */
    public Map<String, String> texts() {
        return texts;
    }
}
