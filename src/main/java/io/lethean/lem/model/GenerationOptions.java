package io.lethean.lem.model;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How to generate.
 *
 * <p>The defaults are greedy decoding, as the published A/B protocol and mlx-lm's generate have it (temperature 0).
 * llama.cpp's own command line differs: temperature 0.8, top-k 40, top-p 0.95, min-p 0.05.
 *
 * @param maxTokens the most tokens to generate, at least 1; default 256 (mlx-lm 256 on its command line; llama.cpp: no
 *     limit)
 * @param temperature 0 takes the most likely token; above 0 the logits are divided by it; default 0 (mlx-lm 0,
 *     llama.cpp 0.8)
 * @param topK keep the k most likely tokens, 0 keeps all; default 0 (mlx-lm 0, llama.cpp 40)
 * @param topP keep the most likely tokens whose probabilities reach this sum, 1 keeps all; default 1 (mlx-lm 1,
 *     llama.cpp 0.95)
 * @param minP keep tokens at least this share as likely as the most likely one, 0 keeps all; default 0 (mlx-lm 0,
 *     llama.cpp 0.05)
 * @param repeatPenalty divides positive logits of recent tokens and multiplies negative ones; 1 is off; default 1 in
 *     mlx-lm and llama.cpp as well
 * @param repeatLastN how many of the last tokens, prompt included, the penalty looks at; default 64 as in llama.cpp
 *     (mlx-lm 20)
 * @param seed of the random choice; the same seed gives the same text on the same machine and build; empty takes a
 *     fresh one
 * @param stop sequences that end the text, each not empty
 * @param grammar a GBNF grammar that the text must follow
 * @param jsonSchema a JSON Schema (2020-12) that the text must follow; not together with a grammar. What cannot be
 *     enforced is a {@link io.lethean.lem.GrammarException} that names the keyword and its place, see
 *     {@code docs/json-schema.md}; a finished text is checked once more
 */
public record GenerationOptions(
        int maxTokens,
        double temperature,
        int topK,
        double topP,
        double minP,
        double repeatPenalty,
        int repeatLastN,
        OptionalLong seed,
        List<String> stop,
        Optional<String> grammar,
        Optional<String> jsonSchema) {

    private static final GenerationOptions DEFAULTS = new GenerationOptions(
            256, 0, 0, 1, 0, 1, 64, OptionalLong.empty(), List.of(), Optional.empty(), Optional.empty());

    public GenerationOptions {
        Objects.requireNonNull(seed, "seed");
        Objects.requireNonNull(grammar, "grammar");
        Objects.requireNonNull(jsonSchema, "jsonSchema");
        stop = List.copyOf(stop);
        require(maxTokens >= 1, "maxTokens", maxTokens, "at least 1");
        require(Double.isFinite(temperature) && temperature >= 0, "temperature", temperature, "finite and not negative");
        require(topK >= 0, "topK", topK, "0 (all tokens) or more");
        require(topP > 0 && topP <= 1, "topP", topP, "above 0 and at most 1");
        require(minP >= 0 && minP <= 1, "minP", minP, "between 0 and 1");
        require(Double.isFinite(repeatPenalty) && repeatPenalty > 0, "repeatPenalty", repeatPenalty, "above 0");
        require(repeatLastN >= 0 && repeatLastN <= 1 << 20, "repeatLastN", repeatLastN, "between 0 and 1048576");
        if (stop.stream().anyMatch(String::isEmpty)) {
            throw new IllegalArgumentException("A stop sequence is empty; it would end every text before it begins.");
        }
        if (grammar.isPresent() && jsonSchema.isPresent()) {
            throw new IllegalArgumentException("Both a grammar and a JSON Schema are set; choose one.");
        }
    }

    private static void require(boolean holds, String name, Object value, String range) {
        if (!holds) {
            throw new IllegalArgumentException("%s is %s and must be %s.".formatted(name, value, range));
        }
    }

    /** Greedy decoding of at most 256 tokens. */
    public static GenerationOptions defaults() {
        return DEFAULTS;
    }

    /** A builder that starts from {@link #defaults()}. */
    public static Builder builder() {
        return DEFAULTS.toBuilder();
    }

    /** A builder that starts from these options. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** Sets options by name; see the record's components for meaning and range. */
    public static final class Builder {
        private int maxTokens;
        private double temperature;
        private int topK;
        private double topP;
        private double minP;
        private double repeatPenalty;
        private int repeatLastN;
        private OptionalLong seed;
        private List<String> stop;
        private Optional<String> grammar;
        private Optional<String> jsonSchema;

        private Builder(GenerationOptions from) {
            maxTokens = from.maxTokens;
            temperature = from.temperature;
            topK = from.topK;
            topP = from.topP;
            minP = from.minP;
            repeatPenalty = from.repeatPenalty;
            repeatLastN = from.repeatLastN;
            seed = from.seed;
            stop = from.stop;
            grammar = from.grammar;
            jsonSchema = from.jsonSchema;
        }

        public Builder maxTokens(int value) {
            maxTokens = value;
            return this;
        }

        public Builder temperature(double value) {
            temperature = value;
            return this;
        }

        public Builder topK(int value) {
            topK = value;
            return this;
        }

        public Builder topP(double value) {
            topP = value;
            return this;
        }

        public Builder minP(double value) {
            minP = value;
            return this;
        }

        public Builder repeatPenalty(double value) {
            repeatPenalty = value;
            return this;
        }

        public Builder repeatLastN(int value) {
            repeatLastN = value;
            return this;
        }

        public Builder seed(long value) {
            seed = OptionalLong.of(value);
            return this;
        }

        public Builder stop(String... sequences) {
            stop = List.of(sequences);
            return this;
        }

        public Builder stop(List<String> sequences) {
            stop = List.copyOf(sequences);
            return this;
        }

        public Builder grammar(String gbnf) {
            grammar = Optional.of(gbnf);
            return this;
        }

        public Builder jsonSchema(String schema) {
            jsonSchema = Optional.of(schema);
            return this;
        }

        public GenerationOptions build() {
            return new GenerationOptions(
                    maxTokens, temperature, topK, topP, minP, repeatPenalty, repeatLastN, seed, stop, grammar,
                    jsonSchema);
        }
    }
}
