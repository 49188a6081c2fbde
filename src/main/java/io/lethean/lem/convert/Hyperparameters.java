package io.lethean.lem.convert;

import io.lethean.lem.internal.gguf.GgufArray;
import io.lethean.lem.internal.gguf.GgufType;
import io.lethean.lem.internal.gguf.GgufValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** Collects metadata in the order of their first mention; keys without a dot before them are the architecture's own. */
final class Hyperparameters {

    private final String architecture;
    private final Map<String, GgufValue> values = new LinkedHashMap<>();

    Hyperparameters(String architecture) {
        this.architecture = architecture;
    }

    Hyperparameters count(String key, long value) {
        return put(key, GgufValue.uint32(value));
    }

    Hyperparameters count(String key, OptionalLong value) {
        value.ifPresent(present -> count(key, present));
        return this;
    }

    Hyperparameters real(String key, double value) {
        return put(key, GgufValue.of((float) value));
    }

    Hyperparameters real(String key, OptionalDouble value) {
        value.ifPresent(present -> real(key, present));
        return this;
    }

    Hyperparameters flag(String key, boolean value) {
        return put(key, GgufValue.of(value));
    }

    Hyperparameters text(String key, String value) {
        return put(key, GgufValue.of(value));
    }

    Hyperparameters texts(String key, List<String> texts) {
        return put(key, GgufArray.ofStrings(texts));
    }

    /** Counts of the layers; Python's integers become INT32 in an array. */
    Hyperparameters counts(String key, List<Long> counts) {
        return put(
                key,
                GgufArray.ofIntegers(
                        GgufType.INT32,
                        counts.stream().mapToLong(Long::longValue).toArray()));
    }

    Hyperparameters flags(String key, List<Boolean> flags) {
        return put(
                key,
                GgufArray.ofIntegers(
                        GgufType.BOOL,
                        flags.stream().mapToLong(flag -> flag ? 1 : 0).toArray()));
    }

    /** A value of the file, not of the architecture. */
    Hyperparameters general(String key, GgufValue value) {
        values.put("general." + key, value);
        return this;
    }

    private Hyperparameters put(String key, GgufValue value) {
        values.put(architecture + "." + key, value);
        return this;
    }

    Map<String, GgufValue> values() {
        return values;
    }
}
