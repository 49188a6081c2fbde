package io.lethean.lem.internal.tokenizer;

import io.lethean.lem.internal.gguf.GgufArray;
import io.lethean.lem.internal.gguf.GgufValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects a tokenizer's keys in the order of their first mention. */
final class TokenizerValues {

    private final Map<String, GgufValue> values = new LinkedHashMap<>();

    void text(String key, String value) {
        values.put(key, GgufValue.of(value));
    }

    void flag(String key, boolean value) {
        values.put(key, GgufValue.of(value));
    }

    void id(String key, long value) {
        values.put(key, GgufValue.uint32(value));
    }

    void idIfAbsent(String key, long value) {
        values.putIfAbsent(key, GgufValue.uint32(value));
    }

    /** An empty array is not written. */
    void texts(String key, List<String> texts) {
        if (!texts.isEmpty()) {
            values.put(key, GgufArray.ofStrings(texts));
        }
    }

    void put(String key, GgufValue value) {
        values.put(key, value);
    }

    TokenizerMetadata metadata() {
        return new TokenizerMetadata(values);
    }
}
