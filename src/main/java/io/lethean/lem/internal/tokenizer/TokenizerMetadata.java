package io.lethean.lem.internal.tokenizer;

import io.lethean.lem.internal.gguf.GgufArray;
import io.lethean.lem.internal.gguf.GgufValue;
import io.lethean.lem.internal.gguf.GgufWriter;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A tokenizer as GGUF metadata.
 *
 * @param values the keys {@code tokenizer.*} in the order in which they are written
 */
public record TokenizerMetadata(Map<String, GgufValue> values) {

    public TokenizerMetadata {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** The number of tokens; Gemma 3's embedding is cut to that many rows. */
    public int size() {
        return values.get("tokenizer.ggml.tokens") instanceof GgufArray tokens ? tokens.size() : 0;
    }

    /** Adds all values to a file. */
    public void putInto(GgufWriter writer) {
        values.forEach(writer::put);
    }
}
