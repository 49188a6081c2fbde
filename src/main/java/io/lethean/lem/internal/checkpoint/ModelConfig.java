package io.lethean.lem.internal.checkpoint;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.io.DataFile;
import io.lethean.lem.internal.io.Json;
import io.lethean.lem.internal.io.Utf8;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * The values of a {@code config.json}, or of an object in it.
 *
 * <p>Look-ups take several keys because models name one value differently. As in llama.cpp's converter the first key that
 * is there decides, even if its value is null.
 */
public final class ModelConfig {

    private static final long MAX_BYTES = 16L << 20;

    /** Counts in GGUF are 32 bits wide. */
    private static final long MAX_COUNT = 0xFFFF_FFFFL;

    private final Path file;
    private final Map<String, @Nullable Object> values;

    ModelConfig(Path file, Map<String, @Nullable Object> values) {
        this.file = file;
        this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /**
     * Reads a file as it is, without any defaults.
     *
     * @throws InvalidModelException if it is missing or is not a JSON object
     * @throws IOException if reading fails
     */
    public static ModelConfig read(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw invalid(file, "has " + Files.size(file) + " bytes, more than any configuration of a model");
        }
        try {
            byte[] bytes = DataFile.readAll(file);
            Object root = Json.parse(Utf8.decode(bytes, Utf8.byteOrderMark(bytes), bytes.length));
            return new ModelConfig(file, object(root).orElseThrow(() -> invalid(file, "does not hold a JSON object")));
        } catch (JacksonException e) {
            throw invalid(file, "is not complete JSON: " + Json.problem(e));
        } catch (CharacterCodingException e) {
            throw invalid(file, "is not UTF-8");
        }
    }

    private static InvalidModelException invalid(Path file, String what) {
        return new InvalidModelException(
                "config-json",
                "The file " + file + " " + what + "; download it again or take it from the original model.");
    }

    /** The file that the values come from. */
    public Path file() {
        return file;
    }

    /** All values. */
    public Map<String, @Nullable Object> values() {
        return values;
    }

    /** The value of the first of these keys that is there. */
    public Optional<Object> find(String... keys) {
        for (String key : keys) {
            if (values.containsKey(key)) {
                return Optional.ofNullable(values.get(key));
            }
        }
        return Optional.empty();
    }

    /** A count: a whole number from 0 on. */
    public OptionalLong count(String... keys) {
        Optional<Object> value = find(keys);
        if (value.isEmpty()) {
            return OptionalLong.empty();
        }
        if (value.get() instanceof Long number && number >= 0 && number <= MAX_COUNT) {
            return OptionalLong.of(number);
        }
        throw wrong(present(keys), value.get(), "a whole number from 0 to " + MAX_COUNT);
    }

    /**
     * A count that a model cannot do without.
     *
     * @throws InvalidModelException naming the key that is missing
     */
    public long required(String... keys) {
        return count(keys)
                .orElseThrow(() -> new InvalidModelException(
                        "config-key",
                        "The file " + file + " does not say " + keys[0]
                                + ", without which the model cannot be converted; take config.json from the original"
                                + " model."));
    }

    /** A real number; a whole one counts as real. */
    public OptionalDouble real(String... keys) {
        Optional<Object> value = find(keys);
        if (value.isEmpty()) {
            return OptionalDouble.empty();
        }
        if (value.get() instanceof Number number && Float.isFinite(number.floatValue())) {
            return OptionalDouble.of(number.doubleValue());
        }
        throw wrong(present(keys), value.get(), "a finite number");
    }

    public Optional<String> text(String... keys) {
        Optional<Object> value = find(keys);
        if (value.isEmpty() || value.get() instanceof String) {
            return value.map(Object::toString);
        }
        throw wrong(present(keys), value.get(), "a text");
    }

    public boolean isTrue(String key) {
        return Boolean.TRUE.equals(values.get(key));
    }

    public boolean isFalse(String key) {
        return Boolean.FALSE.equals(values.get(key));
    }

    /** The object of a key; empty if the key is missing or has another value. */
    public Optional<ModelConfig> child(String key) {
        return object(values.get(key)).map(child -> new ModelConfig(file, child));
    }

    /** The list of a key; empty if the key is missing or has another value. */
    public List<Object> list(String key) {
        return values.get(key) instanceof List<?> list ? List.copyOf(list) : List.of();
    }

    @SuppressWarnings("unchecked")
    static Optional<Map<String, @Nullable Object>> object(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? Optional.of((Map<String, @Nullable Object>) map) : Optional.empty();
    }

    private String present(String... keys) {
        for (String key : keys) {
            if (values.containsKey(key)) {
                return key;
            }
        }
        return keys[0];
    }

    private InvalidModelException wrong(String key, Object value, String expected) {
        String found = value.toString();
        return new InvalidModelException(
                "config-value",
                "The file " + file + " gives " + key + " as "
                        + (found.length() > 60 ? found.substring(0, 60) + "..." : found) + ", and " + expected
                        + " was expected; take config.json from the original model.");
    }
}
