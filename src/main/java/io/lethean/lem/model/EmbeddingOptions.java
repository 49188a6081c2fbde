package io.lethean.lem.model;

import java.util.Objects;
import java.util.Optional;

/**
 * How texts become embeddings. Immutable.
 *
 * @param pooling how the embeddings of the tokens become one; empty takes what the model's file says
 * @param normalized whether each embedding is divided by its Euclidean length, default true; then the dot product of two
 *     embeddings is their cosine
 */
public record EmbeddingOptions(Optional<Pooling> pooling, boolean normalized) {

    private static final EmbeddingOptions DEFAULTS = new EmbeddingOptions(Optional.empty(), true);

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public EmbeddingOptions {
        Objects.requireNonNull(pooling, "pooling");
    }

    /** {@return pooling as the file says, and length 1} */
    public static EmbeddingOptions defaults() {
        return DEFAULTS;
    }

    /**
     * {@return these options with a pooling that replaces the file's}
     *
     * @param value how the embeddings of tokens become one
     */
    public EmbeddingOptions withPooling(Pooling value) {
        return new EmbeddingOptions(Optional.of(value), normalized);
    }

    /**
     * {@return these options with embeddings as the model computes them, of any length}
     *
     * @param value whether each embedding has the length 1
     */
    public EmbeddingOptions withNormalized(boolean value) {
        return new EmbeddingOptions(pooling, value);
    }
}
