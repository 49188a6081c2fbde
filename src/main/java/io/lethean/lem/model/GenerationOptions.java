package io.lethean.lem.model;

import static io.lethean.lem.model.OptionRange.require;

import io.lethean.lem.adapter.AdapterUse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
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
 * @param logprobs if set, {@link Generation#logprobs()} has the log-probability of each generated token, and those of this many
 *     of the most likely ones at its place: 0 to 20, where 0 means that of the generated token only; default empty
 * @param timeLimit the longest that the answer may take from the call on, waiting for other requests included; above 0 and
 *     at most 365 days. What is generated until then is the answer, with {@link FinishReason#TIME_LIMIT}. Default empty: no limit
 * @param adapters if set, the answer is generated with these adapters in place of those of {@link LemModel#setAdapters}; the
 *     empty list stands for the bare model. Answers with other adapters wait for each other, and each set is loaded once
 * @param promptLookup whether to draft the next tokens from what followed the present ones before, in prompt and answer, and to
 *     evaluate several at a time. Faster where the answer repeats parts of the prompt; the answer is the same, bit by bit. Not used
 *     on GPUs, by models that drop tokens (sliding window, recurrent), and while other requests are answered. Default false
 */
public record GenerationOptions(
        int maxTokens,
        SamplingOptions sampling,
        List<String> stop,
        Optional<String> grammar,
        Optional<String> jsonSchema,
        OptionalInt logprobs,
        Optional<Duration> timeLimit,
        Optional<List<AdapterUse>> adapters,
        boolean promptLookup) {

    static final int MAX_LOGPROBS = 20;
    private static final Duration MAX_TIME = Duration.ofDays(365);

    private static final GenerationOptions DEFAULTS = new GenerationOptions(
            256,
            SamplingOptions.GREEDY,
            List.of(),
            Optional.empty(),
            Optional.empty(),
            OptionalInt.empty(),
            Optional.empty(),
            Optional.empty(),
            false);

    /**
     * Checks the values and copies the list.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public GenerationOptions {
        Objects.requireNonNull(sampling, "sampling");
        Objects.requireNonNull(grammar, "grammar");
        Objects.requireNonNull(jsonSchema, "jsonSchema");
        Objects.requireNonNull(timeLimit, "timeLimit");
        stop = List.copyOf(stop);
        adapters = adapters.map(List::copyOf);
        logprobs.ifPresent(top -> require("logprobs", top, 0, MAX_LOGPROBS));
        timeLimit.ifPresent(GenerationOptions::requireTime);
        require(maxTokens >= 1, "maxTokens", maxTokens, "at least 1");
        if (stop.stream().anyMatch(String::isEmpty)) {
            throw new IllegalArgumentException("A stop sequence is empty; it would end every text before it begins.");
        }
        if (grammar.isPresent() && jsonSchema.isPresent()) {
            throw new IllegalArgumentException("Both a grammar and a JSON Schema are set; choose one.");
        }
    }

    private static void requireTime(Duration limit) {
        require(
                limit.isPositive() && limit.compareTo(MAX_TIME) <= 0,
                "timeLimit",
                limit,
                "above 0 and at most 365 days");
    }

    /** {@return greedy decoding of at most 256 tokens} */
    public static GenerationOptions defaults() {
        return DEFAULTS;
    }

    /** {@return a builder that starts from {@link #defaults()}} */
    public static Builder builder() {
        return DEFAULTS.toBuilder();
    }

    /** {@return a builder that starts from these options} */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** Sets options by name; see the components of this record and of {@link SamplingOptions} for meaning and range. */
    public static final class Builder {

        private int maxTokens;
        private double temperature;
        private int topK;
        private double typicalP;
        private double topP;
        private double minP;
        private double repeatPenalty;
        private int repeatLastN;
        private double presencePenalty;
        private double frequencyPenalty;
        private Map<Integer, Double> logitBias;
        private OptionalLong seed;
        private List<String> stop;
        private Optional<String> grammar;
        private Optional<String> jsonSchema;
        private OptionalInt logprobs;
        private Optional<Duration> timeLimit;
        private Optional<List<AdapterUse>> adapters;
        private boolean promptLookup;

        private Builder(GenerationOptions from) {
            maxTokens = from.maxTokens;
            temperature = from.sampling.temperature();
            topK = from.sampling.topK();
            typicalP = from.sampling.typicalP();
            topP = from.sampling.topP();
            minP = from.sampling.minP();
            repeatPenalty = from.sampling.repeatPenalty();
            repeatLastN = from.sampling.repeatLastN();
            presencePenalty = from.sampling.presencePenalty();
            frequencyPenalty = from.sampling.frequencyPenalty();
            logitBias = from.sampling.logitBias();
            seed = from.sampling.seed();
            stop = from.stop;
            grammar = from.grammar;
            jsonSchema = from.jsonSchema;
            logprobs = from.logprobs;
            timeLimit = from.timeLimit;
            adapters = from.adapters;
            promptLookup = from.promptLookup;
        }

        /**
         * Sets {@link GenerationOptions#maxTokens()}.
         *
         * @param value the most tokens to generate, at least 1; default 256 (mlx-lm 256 on its command line; llama.cpp:
         *     no limit)
         * @return this builder
         */
        public Builder maxTokens(int value) {
            maxTokens = value;
            return this;
        }

        /**
         * Sets {@link SamplingOptions#temperature()}.
         *
         * @param value 0 takes the most likely token; above 0 the logits are divided by it; default 0 (mlx-lm 0,
         *     llama.cpp 0.8)
         * @return this builder
         */
        public Builder temperature(double value) {
            temperature = value;
            return this;
        }

        /**
         * Sets {@link SamplingOptions#topK()}.
         *
         * @param value keep the k most likely tokens, 0 keeps all; default 0 (mlx-lm 0, llama.cpp 40)
         * @return this builder
         */
        public Builder topK(int value) {
            topK = value;
            return this;
        }

        /**
         * Sets {@link SamplingOptions#typicalP()}.
         *
         * @param value locally typical sampling: keep the tokens with an information content {@code -log(p)} nearest to
         *     the entropy {@code -sum(p * log(p))}, until their probabilities exceed this sum; 1 keeps all. By C.
         *     Meister, T. Pimentel, G. Wiher and R. Cotterell, "Locally Typical Sampling", TACL 2023. Default 1 as in
         *     llama.cpp (mlx-lm does not have it)
         * @return this builder
         */
        public Builder typicalP(double value) {
            typicalP = value;
            return this;
        }

        /**
         * Sets {@link SamplingOptions#topP()}.
         *
         * @param value nucleus sampling: keep the most likely tokens with probabilities that reach this sum, 1 keeps
         *     all; default 1 (mlx-lm 1, llama.cpp 0.95)
         * @return this builder
         */
        public Builder topP(double value) {
            topP = value;
            return this;
        }

        /**
         * Sets {@link SamplingOptions#minP()}.
         *
         * @param value keep tokens at least this share as likely as the most likely one, 0 keeps all; default 0 (mlx-lm
         *     0, llama.cpp 0.05)
         * @return this builder
         */
        public Builder minP(double value) {
            minP = value;
            return this;
        }

        /**
         * Sets {@link SamplingOptions#repeatPenalty()}.
         *
         * @param value divides positive logits of recent tokens and multiplies negative ones; 1 is off; default 1 in
         *     mlx-lm and llama.cpp as well
         * @return this builder
         */
        public Builder repeatPenalty(double value) {
            repeatPenalty = value;
            return this;
        }

        /**
         * Sets {@link SamplingOptions#repeatLastN()}.
         *
         * @param value how many of the last tokens, prompt included, the repeat penalty looks at; default 64 as in
         *     llama.cpp (mlx-lm 20)
         * @return this builder
         */
        public Builder repeatLastN(int value) {
            repeatLastN = value;
            return this;
        }

        /**
         * Sets {@link SamplingOptions#presencePenalty()}.
         *
         * @param value is subtracted once from the logit of each token that the text has, and a negative one added;
         *     default 0. As in OpenAI's API, which allows -2 to 2, all generated tokens count and the prompt's do not.
         *     llama.cpp counts the last {@code repeatLastN} tokens, prompt included
         * @return this builder
         */
        public Builder presencePenalty(double value) {
            presencePenalty = value;
            return this;
        }

        /**
         * Sets {@link SamplingOptions#frequencyPenalty()}.
         *
         * @param value is subtracted from the logit of each token as often as the text has it; default 0. Counts as the
         *     presence penalty does
         * @return this builder
         */
        public Builder frequencyPenalty(double value) {
            frequencyPenalty = value;
            return this;
        }

        /**
         * Sets {@link SamplingOptions#logitBias()}.
         *
         * @param values what is added to the logits of tokens, by id; minus infinity means never
         * @return this builder
         */
        public Builder logitBias(Map<Integer, Double> values) {
            logitBias = Map.copyOf(values);
            return this;
        }

        /**
         * Sets {@link SamplingOptions#seed()}.
         *
         * @param value of the random choice
         * @return this builder
         */
        public Builder seed(long value) {
            seed = OptionalLong.of(value);
            return this;
        }

        /**
         * Sets {@link GenerationOptions#stop()}.
         *
         * @param sequences texts that end the answer and are not part of it
         * @return this builder
         */
        public Builder stop(String... sequences) {
            stop = List.of(sequences);
            return this;
        }

        /**
         * Sets {@link GenerationOptions#stop()}.
         *
         * @param sequences texts that end the answer and are not part of it
         * @return this builder
         */
        public Builder stop(List<String> sequences) {
            stop = List.copyOf(sequences);
            return this;
        }

        /**
         * Sets {@link GenerationOptions#grammar()}.
         *
         * @param gbnf a grammar in llama.cpp's form, with a rule {@code root}
         * @return this builder
         */
        public Builder grammar(String gbnf) {
            grammar = Optional.of(gbnf);
            return this;
        }

        /**
         * Sets {@link GenerationOptions#jsonSchema()}.
         *
         * @param schema the text of a JSON Schema
         * @return this builder
         */
        public Builder jsonSchema(String schema) {
            jsonSchema = Optional.of(schema);
            return this;
        }

        /**
         * Sets {@link GenerationOptions#logprobs()}.
         *
         * @param top how many alternatives each token is given with; 0 for the token alone
         * @return this builder
         */
        public Builder logprobs(int top) {
            logprobs = OptionalInt.of(top);
            return this;
        }

        /**
         * Sets {@link GenerationOptions#timeLimit()}.
         *
         * @param value the longest that the answer may take from the call on, waiting for other requests included;
         *     above 0 and at most 365 days. What is generated until then is the answer, with
         *     {@link FinishReason#TIME_LIMIT}. Default empty: no limit
         * @return this builder
         */
        public Builder timeLimit(Duration value) {
            timeLimit = Optional.of(value);
            return this;
        }

        /**
         * Sets {@link GenerationOptions#adapters()}.
         *
         * @param uses adapters for this answer alone, each with its weight
         * @return this builder
         */
        public Builder adapters(List<AdapterUse> uses) {
            adapters = Optional.of(List.copyOf(uses));
            return this;
        }

        /**
         * Sets {@link GenerationOptions#promptLookup()}.
         *
         * @param value whether to draft the next tokens from what followed the present ones before, in prompt and
         *     answer, and to evaluate several at a time. Faster where the answer repeats parts of the prompt; the
         *     answer is the same, bit by bit. Not used on GPUs, by models that drop tokens (sliding window, recurrent),
         *     and while other requests are answered. Default false
         * @return this builder
         */
        public Builder promptLookup(boolean value) {
            promptLookup = value;
            return this;
        }

        /**
         * {@return the options, checked}
         *
         * @throws IllegalArgumentException naming the value that is out of its range
         */
        public GenerationOptions build() {
            SamplingOptions sampling = new SamplingOptions(
                    temperature,
                    topK,
                    typicalP,
                    topP,
                    minP,
                    repeatPenalty,
                    repeatLastN,
                    presencePenalty,
                    frequencyPenalty,
                    logitBias,
                    seed);
            return new GenerationOptions(
                    maxTokens, sampling, stop, grammar, jsonSchema, logprobs, timeLimit, adapters, promptLookup);
        }
    }
}
