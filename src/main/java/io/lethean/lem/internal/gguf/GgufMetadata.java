package io.lethean.lem.internal.gguf;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * The metadata of a file: values by key, in the file's order.
 *
 * <p>The typed look-ups answer empty both for a missing key and for a value of another kind.
 */
public final class GgufMetadata {

    private final Map<String, GgufValue> values;

    /** Copies the map, keeping its order. */
    public GgufMetadata(Map<String, GgufValue> values) {
        this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** All values, in the file's order. */
    public Map<String, GgufValue> asMap() {
        return values;
    }

    /** The value of a key. */
    public Optional<GgufValue> find(String key) {
        return Optional.ofNullable(values.get(key));
    }

    /** The value of a key if it is a string. */
    public Optional<String> text(String key) {
        return values.get(key) instanceof GgufText text ? Optional.of(text.toString()) : Optional.empty();
    }

    /** The value of a key if it is an integer of any width. */
    public OptionalLong integer(String key) {
        return values.get(key) instanceof GgufScalar scalar && scalar.isInteger()
                ? OptionalLong.of(scalar.asLong())
                : OptionalLong.empty();
    }

    /** The value of a key if it is a FLOAT32 or FLOAT64. */
    public OptionalDouble real(String key) {
        return values.get(key) instanceof GgufScalar scalar && !scalar.isInteger() && scalar.type() != GgufType.BOOL
                ? OptionalDouble.of(scalar.asDouble())
                : OptionalDouble.empty();
    }

    /** The value of a key if it is a BOOL. */
    public Optional<Boolean> bool(String key) {
        return values.get(key) instanceof GgufScalar scalar && scalar.type() == GgufType.BOOL
                ? Optional.of(scalar.asBoolean())
                : Optional.empty();
    }

    /** The value of a key if it is an array. */
    public Optional<GgufArray> array(String key) {
        return values.get(key) instanceof GgufArray array ? Optional.of(array) : Optional.empty();
    }

    /** {@code general.architecture}, or an empty text. */
    public String architecture() {
        return text("general.architecture").orElse("");
    }

    /** The key of a hyper-parameter of this architecture, such as {@code llama.block_count} for {@code block_count}. */
    public String ownKey(String suffix) {
        return architecture() + "." + suffix;
    }
}
