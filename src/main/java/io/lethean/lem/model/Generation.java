package io.lethean.lem.model;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a model answered.
 *
 * @param text the continuation only; special tokens are not part of it, except the markers of thoughts and calls in an
 *     answer to a request with {@link ChatOptions}
 * @param tokens the ids of the generated tokens in order, special ones included, without the one that ended the turn
 * @param finishReason why generation ended
 * @param stopSequence the stop sequence that ended the text: the one that begins first in it, and among those that begin at
 *     the same character the first in the options. Empty unless the reason is {@link FinishReason#STOP_SEQUENCE}
 * @param promptTokens tokens of the prompt, beginning-of-sequence included
 * @param reusedTokens how many of them were not evaluated, because they were held from a prompt before
 * @param seed of the random choices, the caller's or the one that was drawn: as an option it gives the same text again on the
 *     same machine and build. Empty at temperature 0, where nothing is random
 * @param logprobs how likely the model found each of the tokens, in order; empty unless {@link GenerationOptions#logprobs()}
 *     asks for it
 * @param timings how long it took
 * @param draftedTokens tokens that {@linkplain GenerationOptions#promptLookup() prompt lookup} drafted and the model evaluated
 * @param acceptedTokens how many of them became tokens of the answer
 * @param specialTokensOnly true if tokens were generated and every one of them was a special token, so that the text is
 *     empty because of the model or the engine and not because of an empty answer
 */
public record Generation(
        String text,
        List<Integer> tokens,
        FinishReason finishReason,
        Optional<String> stopSequence,
        int promptTokens,
        int reusedTokens,
        OptionalLong seed,
        List<TokenLogprobs> logprobs,
        Timings timings,
        int draftedTokens,
        int acceptedTokens,
        boolean specialTokensOnly) {

    /**
     * Checks the values and copies the lists.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public Generation {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(finishReason, "finishReason");
        Objects.requireNonNull(stopSequence, "stopSequence");
        Objects.requireNonNull(seed, "seed");
        Objects.requireNonNull(timings, "timings");
        tokens = List.copyOf(tokens);
        logprobs = List.copyOf(logprobs);
    }

    /** {@return tokens that were generated, without the one that ended the turn} */
    public int generatedTokens() {
        return tokens.size();
    }

    /** {@return tokens of the prompt that were evaluated for this answer} */
    public int evaluatedTokens() {
        return promptTokens - reusedTokens;
    }

    /**
     * {@return a builder of an answer, for models that are not {@link LemModel}} What is not set is empty or 0.
     *
     * @param text the answer
     * @param finishReason why it ended
     */
    public static Builder builder(String text, FinishReason finishReason) {
        return new Builder(text, finishReason);
    }

    /** Sets the components of {@link Generation} by name. */
    public static final class Builder {

        private final String text;
        private final FinishReason finishReason;
        private List<Integer> tokens = List.of();
        private Optional<String> stopSequence = Optional.empty();
        private int promptTokens;
        private int reusedTokens;
        private OptionalLong seed = OptionalLong.empty();
        private List<TokenLogprobs> logprobs = List.of();
        private Timings timings = Timings.NONE;
        private int draftedTokens;
        private int acceptedTokens;
        private boolean specialTokensOnly;

        private Builder(String text, FinishReason finishReason) {
            this.text = text;
            this.finishReason = finishReason;
        }

        /**
         * Sets {@link Generation#tokens()}.
         *
         * @param value the ids of the generated tokens in order, special ones included, without the one that ended the
         *     turn
         * @return this builder
         */
        public Builder tokens(List<Integer> value) {
            tokens = value;
            return this;
        }

        /**
         * Sets {@link Generation#stopSequence()}.
         *
         * @param value the stop sequence that ended the text: the one that begins first in it, and among those that
         *     begin at the same character the first in the options. Empty unless the reason is
         *     {@link FinishReason#STOP_SEQUENCE}
         * @return this builder
         */
        public Builder stopSequence(Optional<String> value) {
            stopSequence = value;
            return this;
        }

        /**
         * Sets {@link Generation#promptTokens()}.
         *
         * @param value tokens of the prompt, beginning-of-sequence included
         * @return this builder
         */
        public Builder promptTokens(int value) {
            promptTokens = value;
            return this;
        }

        /**
         * Sets {@link Generation#reusedTokens()}.
         *
         * @param value how many of them were not evaluated, because they were held from a prompt before
         * @return this builder
         */
        public Builder reusedTokens(int value) {
            reusedTokens = value;
            return this;
        }

        /**
         * Sets {@link Generation#seed()}.
         *
         * @param value of the random choices, the caller's or the one that was drawn: as an option it gives the same
         *     text again on the same machine and build. Empty at temperature 0, where nothing is random
         * @return this builder
         */
        public Builder seed(OptionalLong value) {
            seed = value;
            return this;
        }

        /**
         * Sets {@link Generation#logprobs()}.
         *
         * @param value how likely the model found each of the tokens, in order; empty unless
         *     {@link GenerationOptions#logprobs()} asks for it
         * @return this builder
         */
        public Builder logprobs(List<TokenLogprobs> value) {
            logprobs = value;
            return this;
        }

        /**
         * Sets {@link Generation#timings()}.
         *
         * @param value how long it took
         * @return this builder
         */
        public Builder timings(Timings value) {
            timings = value;
            return this;
        }

        /**
         * Sets {@link Generation#draftedTokens()}.
         *
         * @param value tokens that {@linkplain GenerationOptions#promptLookup() prompt lookup} drafted and the model
         *     evaluated
         * @return this builder
         */
        public Builder draftedTokens(int value) {
            draftedTokens = value;
            return this;
        }

        /**
         * Sets {@link Generation#acceptedTokens()}.
         *
         * @param value how many of them became tokens of the answer
         * @return this builder
         */
        public Builder acceptedTokens(int value) {
            acceptedTokens = value;
            return this;
        }

        /**
         * Sets {@link Generation#specialTokensOnly()}.
         *
         * @param value true if tokens were generated and every one of them was a special token, so that the text is
         *     empty because of the model or the engine and not because of an empty answer
         * @return this builder
         */
        public Builder specialTokensOnly(boolean value) {
            specialTokensOnly = value;
            return this;
        }

        /** {@return the answer} */
        public Generation build() {
            return new Generation(
                    text,
                    tokens,
                    finishReason,
                    stopSequence,
                    promptTokens,
                    reusedTokens,
                    seed,
                    logprobs,
                    timings,
                    draftedTokens,
                    acceptedTokens,
                    specialTokensOnly);
        }
    }
}
