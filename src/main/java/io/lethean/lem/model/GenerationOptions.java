package io.lethean.lem.model;

import static io.lethean.lem.model.OptionRange.require;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How to generate. Immutable.
 *
 * <p>The defaults are greedy decoding, as in the published A/B protocol and in mlx-lm (temperature 0).
 *
 * @param maxTokens the most tokens to generate, at least 1; default 256 (mlx-lm 256 on its command line; llama.cpp: no
 *     limit)
 * @param sampling how each token is chosen; default {@link SamplingOptions#GREEDY}
 * @param stop sequences that end the text, each not empty
 * @param grammar a GBNF grammar that the text must follow
 * @param jsonSchema a JSON Schema (2020-12) that the text must follow; not together with a grammar. What cannot be
 *     enforced is a {@link io.lethean.lem.GrammarException} that names the keyword and its place, see
 *     {@code docs/json-schema.md}; a finished text is checked once more
 */
public record GenerationOptions(
        int maxTokens,
        SamplingOptions sampling,
        List<String> stop,
        Optional<String> grammar,
        Optional<String> jsonSchema) {

    private static final GenerationOptions DEFAULTS =
            new GenerationOptions(256, SamplingOptions.GREEDY, List.of(), Optional.empty(), Optional.empty());

    public GenerationOptions {
        Objects.requireNonNull(sampling, "sampling");
        Objects.requireNonNull(grammar, "grammar");
        Objects.requireNonNull(jsonSchema, "jsonSchema");
        stop = List.copyOf(stop);
        require(maxTokens >= 1, "maxTokens", maxTokens, "at least 1");
        if (stop.stream().anyMatch(String::isEmpty)) {
            throw new IllegalArgumentException("A stop sequence is empty; it would end every text before it begins.");
        }
        if (grammar.isPresent() && jsonSchema.isPresent()) {
            throw new IllegalArgumentException("Both a grammar and a JSON Schema are set; choose one.");
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

    /** Sets options by name; see the components of this record and of {@link SamplingOptions} for meaning and range. */
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
            temperature = from.sampling.temperature();
            topK = from.sampling.topK();
            topP = from.sampling.topP();
            minP = from.sampling.minP();
            repeatPenalty = from.sampling.repeatPenalty();
            repeatLastN = from.sampling.repeatLastN();
            seed = from.sampling.seed();
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
            SamplingOptions sampling =
                    new SamplingOptions(temperature, topK, topP, minP, repeatPenalty, repeatLastN, seed);
            return new GenerationOptions(maxTokens, sampling, stop, grammar, jsonSchema);
        }
    }
}
