package io.lethean.lem.convert;

import io.lethean.lem.internal.checkpoint.ModelConfig;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** The sizes that a configuration gives to the dimensions of its tensors. */
final class Dimensions {

    private static final long MAX_HEAD = 1 << 16;

    private final Map<Dim, Long> sizes = new EnumMap<>(Dim.class);

    /** The sizes of a decoder or encoder of the usual kind. */
    static Dimensions of(ModelConfig config) {
        Dimensions sizes = new Dimensions();
        long hidden = config.required("hidden_size");
        long heads = positive(config, "num_attention_heads");
        long head = headSize(config, "head_dim").orElse(hidden / heads);
        sizes.set(Dim.HIDDEN, hidden);
        sizes.set(Dim.HEADS, heads);
        sizes.set(Dim.HEAD, head);
        sizes.set(Dim.QUERIES, heads * head);
        sizes.set(Dim.KEYS, config.count("num_key_value_heads").orElse(heads) * head);
        sizes.set(Dim.FEED_FORWARD, config.required("intermediate_size"));
        sizes.set(Dim.VOCABULARY, config.required("vocab_size"));
        return sizes;
    }

    /** The size of a head, within what any model has; tables are computed from it. */
    static OptionalLong headSize(ModelConfig config, String key) {
        OptionalLong size = config.count(key);
        if (size.isPresent() && (size.getAsLong() < 1 || size.getAsLong() > MAX_HEAD)) {
            throw new io.lethean.lem.InvalidModelException(
                    "config-value",
                    "The file " + config.file() + " gives " + key + " as " + size.getAsLong() + ", and 1 to " + MAX_HEAD
                            + " was expected; take config.json from the original model.");
        }
        return size;
    }

    /** A count that something is divided by. */
    static long positive(ModelConfig config, String key) {
        long value = config.required(key);
        if (value == 0) {
            throw new io.lethean.lem.InvalidModelException(
                    "config-value",
                    "The file " + config.file() + " gives " + key
                            + " as 0, and at least 1 was expected; take config.json from the original model.");
        }
        return value;
    }

    Dimensions set(Dim dim, long size) {
        sizes.put(dim, size);
        return this;
    }

    /** The size of a dimension; -1 if it is not checked. */
    long size(Dim dim) {
        return sizes.getOrDefault(dim, -1L);
    }

    boolean fit(List<Long> shape, List<Dim> dims) {
        if (shape.size() != dims.size()) {
            return false;
        }
        for (int i = 0; i < dims.size(); i++) {
            long size = size(dims.get(i));
            if (size >= 0 && size != shape.get(i)) {
                return false;
            }
        }
        return true;
    }

    /** A shape as {@code 64 x 32 (vocab_size, hidden_size)}. */
    String text(List<Dim> dims) {
        return dims.stream()
                        .map(dim -> size(dim) < 0 ? "?" : String.valueOf(size(dim)))
                        .collect(Collectors.joining(" x "))
                + dims.stream().map(Dim::key).collect(Collectors.joining(", ", " (", ")"));
    }
}
