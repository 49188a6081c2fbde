package io.lethean.lem.spring;

import io.lethean.lem.ToolCallFormat;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.model.ToolChoice;
import io.lethean.lem.spring.OptionValues.Option;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.model.tool.DefaultToolCallingChatOptions;
import org.springframework.ai.model.tool.StructuredOutputChatOptions;
import org.springframework.ai.model.tool.ToolCallingChatOptions;
import org.springframework.ai.tool.ToolCallback;

/**
 * Options of an answer: Spring AI's own, and those that only LEM has. An option that is not set is null. Immutable.
 *
 * <p>Ranges and defaults are those of {@link io.lethean.lem.model.GenerationOptions}, {@link
 * io.lethean.lem.model.SamplingOptions} and {@link io.lethean.lem.model.ChatOptions}; a value out of its range is an {@link
 * IllegalArgumentException} when the model is asked.
 */
public final class LemChatOptions extends DefaultToolCallingChatOptions implements StructuredOutputChatOptions {

    private static final Option<String> OUTPUT_SCHEMA = new Option<>("outputSchema", String.class);
    private static final Option<Long> SEED = new Option<>("seed", Long.class);
    private static final Option<Double> MIN_P = new Option<>("minP", Double.class);
    private static final Option<Double> TYPICAL_P = new Option<>("typicalP", Double.class);
    private static final Option<Double> REPEAT_PENALTY = new Option<>("repeatPenalty", Double.class);
    private static final Option<Integer> REPEAT_LAST_N = new Option<>("repeatLastN", Integer.class);
    private static final Option<Map<Integer, Double>> LOGIT_BIAS = new Option<>("logitBias", Map.class);
    private static final Option<Integer> LOGPROBS = new Option<>("logprobs", Integer.class);
    private static final Option<Duration> TIME_LIMIT = new Option<>("timeLimit", Duration.class);
    private static final Option<Boolean> PROMPT_LOOKUP = new Option<>("promptLookup", Boolean.class);
    private static final Option<List<AdapterUse>> ADAPTERS = new Option<>("adapters", List.class);
    private static final Option<String> GRAMMAR = new Option<>("grammar", String.class);
    private static final Option<ToolChoice> TOOL_CHOICE = new Option<>("toolChoice", ToolChoice.class);
    private static final Option<Boolean> PARALLEL_TOOL_CALLS = new Option<>("parallelToolCalls", Boolean.class);
    private static final Option<ToolCallFormat> TOOL_CALL_FORMAT = new Option<>("toolCallFormat", ToolCallFormat.class);
    private static final Option<Boolean> ENABLE_THINKING = new Option<>("enableThinking", Boolean.class);
    private static final Option<Map<String, @Nullable Object>> TEMPLATE_VARIABLES =
            new Option<>("templateVariables", Map.class);
    private static final Option<List<Map<String, String>>> DOCUMENTS = new Option<>("documents", List.class);

    private final OptionValues own;

    private LemChatOptions(Common common, OptionValues own) {
        super(
                common.toolCallbacks,
                common.toolContext,
                common.model,
                common.frequencyPenalty,
                common.maxTokens,
                common.presencePenalty,
                common.stopSequences,
                common.temperature,
                common.topK,
                common.topP);
        this.own = own;
    }

    /** Spring AI's own options. */
    private record Common(
            @Nullable List<ToolCallback> toolCallbacks,
            @Nullable Map<String, Object> toolContext,
            @Nullable String model,
            @Nullable Double frequencyPenalty,
            @Nullable Integer maxTokens,
            @Nullable Double presencePenalty,
            @Nullable List<String> stopSequences,
            @Nullable Double temperature,
            @Nullable Integer topK,
            @Nullable Double topP) {}

    /**
     * A builder without options.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The options of a request, of any kind, and where an option is not set that of the defaults. A list of the request
     * replaces that of the defaults.
     */
    static LemChatOptions over(LemChatOptions defaults, ChatOptions given) {
        Builder builder = builder();
        builder.own = (given instanceof LemChatOptions lem ? lem.own : OptionValues.NONE).over(defaults.own);
        if (!(given instanceof LemChatOptions)
                && given instanceof StructuredOutputChatOptions structured
                && structured.getOutputSchema() != null) {
            builder.outputSchema(structured.getOutputSchema());
        }
        ToolCallingChatOptions tools = given instanceof ToolCallingChatOptions calling ? calling : defaults;
        return builder.toolCallbacks(or(tools.getToolCallbacks(), defaults.getToolCallbacks()))
                .toolContext(or(tools.getToolContext(), defaults.getToolContext()))
                .model(or(given.getModel(), defaults.getModel()))
                .frequencyPenalty(or(given.getFrequencyPenalty(), defaults.getFrequencyPenalty()))
                .maxTokens(or(given.getMaxTokens(), defaults.getMaxTokens()))
                .presencePenalty(or(given.getPresencePenalty(), defaults.getPresencePenalty()))
                .stopSequences(or(given.getStopSequences(), defaults.getStopSequences()))
                .temperature(or(given.getTemperature(), defaults.getTemperature()))
                .topK(or(given.getTopK(), defaults.getTopK()))
                .topP(or(given.getTopP(), defaults.getTopP()))
                .build();
    }

    private static <T> @Nullable T or(@Nullable T value, @Nullable T otherwise) {
        return value == null ? otherwise : value;
    }

    /**
     * The JSON Schema (2020-12) that the answer must follow, enforced by a grammar.
     *
     * @return null if it is not set
     */
    @Override
    public @Nullable String getOutputSchema() {
        return own.get(OUTPUT_SCHEMA);
    }

    /**
     * Seed of the random choices. Without it each answer draws a seed, which its generation reports; see {@link
     * LemChatModel#GENERATION}.
     *
     * @return null if it is not set
     */
    public @Nullable Long getSeed() {
        return own.get(SEED);
    }

    /**
     * Tokens are kept that are at least this share as likely as the most likely one; 0 keeps all.
     *
     * @return null if it is not set
     */
    public @Nullable Double getMinP() {
        return own.get(MIN_P);
    }

    /**
     * Locally typical sampling: the probability that the tokens kept reach together; 1 keeps all.
     *
     * @return null if it is not set
     */
    public @Nullable Double getTypicalP() {
        return own.get(TYPICAL_P);
    }

    /**
     * Divides positive logits of recent tokens and multiplies negative ones; 1 is off.
     *
     * @return null if it is not set
     */
    public @Nullable Double getRepeatPenalty() {
        return own.get(REPEAT_PENALTY);
    }

    /**
     * How many of the last tokens, prompt included, the repeat penalty looks at.
     *
     * @return null if it is not set
     */
    public @Nullable Integer getRepeatLastN() {
        return own.get(REPEAT_LAST_N);
    }

    /**
     * What is added to the logits of tokens, by id; minus infinity rules a token out.
     *
     * @return null if it is not set
     */
    public @Nullable Map<Integer, Double> getLogitBias() {
        return own.get(LOGIT_BIAS);
    }

    /**
     * How many of the most likely tokens are reported for each place, 0 to 20; the generation of the answer has them,
     * see {@link LemChatModel#GENERATION}.
     *
     * @return null if it is not set
     */
    public @Nullable Integer getLogprobs() {
        return own.get(LOGPROBS);
    }

    /**
     * The longest that the answer may take from the call on, waiting included. Then it ends with the finish reason
     * {@code length}.
     *
     * @return null if it is not set
     */
    public @Nullable Duration getTimeLimit() {
        return own.get(TIME_LIMIT);
    }

    /**
     * Whether tokens are drafted from what followed the present ones before. The answer is the same, and comes sooner
     * if it repeats the prompt.
     *
     * @return null if it is not set
     */
    public @Nullable Boolean getPromptLookup() {
        return own.get(PROMPT_LOOKUP);
    }

    /**
     * The LoRA adapters of the answer in place of those of the model; the empty list stands for the bare model.
     *
     * @return null if it is not set
     */
    public @Nullable List<AdapterUse> getAdapters() {
        return own.get(ADAPTERS);
    }

    /**
     * A GBNF grammar that the answer must follow; not together with an output schema or a demanded call.
     *
     * @return null if it is not set
     */
    public @Nullable String getGrammar() {
        return own.get(GRAMMAR);
    }

    /**
     * Whether the model must call a tool. A call that is demanded is demanded of the answers to questions; the answer
     * to results of tools is free.
     *
     * @return null if it is not set
     */
    public @Nullable ToolChoice getToolChoice() {
        return own.get(TOOL_CHOICE);
    }

    /**
     * Whether an answer may have several calls of tools.
     *
     * @return null if it is not set
     */
    public @Nullable Boolean getParallelToolCalls() {
        return own.get(PARALLEL_TOOL_CALLS);
    }

    /**
     * How the model writes calls of tools, for chat templates that do not tell.
     *
     * @return null if it is not set
     */
    public @Nullable ToolCallFormat getToolCallFormat() {
        return own.get(TOOL_CALL_FORMAT);
    }

    /**
     * Whether the model thinks before it answers: the variable {@code enable_thinking} of many chat templates.
     *
     * @return null if it is not set
     */
    public @Nullable Boolean getEnableThinking() {
        return own.get(ENABLE_THINKING);
    }

    /**
     * What the chat template is given by name: strings, booleans, numbers, lists and maps of these.
     *
     * @return null if it is not set
     */
    public @Nullable Map<String, @Nullable Object> getTemplateVariables() {
        return own.get(TEMPLATE_VARIABLES);
    }

    /**
     * Texts that the answer may rest on, each with members such as {@code title} and {@code text}. A chat template
     * that does not show them is refused.
     *
     * @return null if it is not set
     */
    public @Nullable List<Map<String, String>> getDocuments() {
        return own.get(DOCUMENTS);
    }

    @Override
    public Builder mutate() {
        Builder builder = builder()
                .toolCallbacks(getToolCallbacks())
                .toolContext(getToolContext())
                .model(getModel())
                .frequencyPenalty(getFrequencyPenalty())
                .maxTokens(getMaxTokens())
                .presencePenalty(getPresencePenalty())
                .stopSequences(getStopSequences())
                .temperature(getTemperature())
                .topK(getTopK())
                .topP(getTopP());
        builder.own = own;
        return builder;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return super.equals(other) && other instanceof LemChatOptions that && own.equals(that.own);
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), own);
    }

    /** Sets options by name. For one thread. */
    public static final class Builder extends DefaultToolCallingChatOptions.Builder<Builder>
            implements StructuredOutputChatOptions.Builder<Builder> {

        private OptionValues own = OptionValues.NONE;

        private Builder() {}

        /** Null is a value of variables. */
        private static Map<String, @Nullable Object> copy(Map<String, @Nullable Object> variables) {
            Map<String, @Nullable Object> copy = new LinkedHashMap<>(variables);
            return Collections.unmodifiableMap(copy);
        }

        private <T> Builder set(Option<T> option, @Nullable T value) {
            own = own.with(option, value);
            return this;
        }

        /**
         * The JSON Schema (2020-12) that the answer must follow, enforced by a grammar.
         *
         * @param value null takes back what was set
         * @return this builder
         */
        @Override
        public Builder outputSchema(@Nullable String value) {
            return set(OUTPUT_SCHEMA, value);
        }

        /**
         * Seed of the random choices. Without it each answer draws a seed, which its generation reports; see {@link
         * LemChatModel#GENERATION}.
         *
         * @param value null takes back what was set
         * @return this builder
         */
        public Builder seed(@Nullable Long value) {
            return set(SEED, value);
        }

        /**
         * Tokens are kept that are at least this share as likely as the most likely one; 0 keeps all.
         *
         * @param value null takes back what was set
         * @return this builder
         */
        public Builder minP(@Nullable Double value) {
            return set(MIN_P, value);
        }

        /**
         * Locally typical sampling: the probability that the tokens kept reach together; 1 keeps all.
         *
         * @param value null takes back what was set
         * @return this builder
         */
        public Builder typicalP(@Nullable Double value) {
            return set(TYPICAL_P, value);
        }

        /**
         * Divides positive logits of recent tokens and multiplies negative ones; 1 is off.
         *
         * @param value null takes back what was set
         * @return this builder
         */
        public Builder repeatPenalty(@Nullable Double value) {
            return set(REPEAT_PENALTY, value);
        }

        /**
         * How many of the last tokens, prompt included, the repeat penalty looks at.
         *
         * @param value null takes back what was set
         * @return this builder
         */
        public Builder repeatLastN(@Nullable Integer value) {
            return set(REPEAT_LAST_N, value);
        }

        /**
         * What is added to the logits of tokens, by id; minus infinity rules a token out.
         *
         * @param value null takes back what was set
         * @return this builder
         */
        public Builder logitBias(@Nullable Map<Integer, Double> value) {
            return set(LOGIT_BIAS, value == null ? null : Map.copyOf(value));
        }

        /**
         * How many of the most likely tokens are reported for each place, 0 to 20; the generation of the answer has
         * them, see {@link LemChatModel#GENERATION}.
         *
         * @param value null takes back what was set
         * @return this builder
         */
        public Builder logprobs(@Nullable Integer value) {
            return set(LOGPROBS, value);
        }

        /**
         * The longest that the answer may take from the call on, waiting included. Then it ends with the finish
         * reason {@code length}.
         *
         * @param value null takes back what was set
         * @return this builder
         */
        public Builder timeLimit(@Nullable Duration value) {
            return set(TIME_LIMIT, value);
        }

        /**
         * Whether tokens are drafted from what followed the present ones before. The answer is the same, and comes
         * sooner if it repeats the prompt.
         *
         * @param value null takes back what was set
         * @return this builder
         */
        public Builder promptLookup(@Nullable Boolean value) {
            return set(PROMPT_LOOKUP, value);
        }

        /**
         * The LoRA adapters of the answer in place of those of the model; the empty list stands for the bare model.
         *
         * @param value null takes back what was set
         * @return this builder
         */
        public Builder adapters(@Nullable List<AdapterUse> value) {
            return set(ADAPTERS, value == null ? null : List.copyOf(value));
        }

        /**
         * A GBNF grammar that the answer must follow; not together with an output schema or a demanded call.
         *
         * @param value null takes back what was set
         * @return this builder
         */
        public Builder grammar(@Nullable String value) {
            return set(GRAMMAR, value);
        }

        /**
         * Whether the model must call a tool. A call that is demanded is demanded of the answers to questions; the
         * answer to results of tools is free.
         *
         * @param value null takes back what was set
         * @return this builder
         */
        public Builder toolChoice(@Nullable ToolChoice value) {
            return set(TOOL_CHOICE, value);
        }

        /**
         * Whether an answer may have several calls of tools.
         *
         * @param value null takes back what was set
         * @return this builder
         */
        public Builder parallelToolCalls(@Nullable Boolean value) {
            return set(PARALLEL_TOOL_CALLS, value);
        }

        /**
         * How the model writes calls of tools, for chat templates that do not tell.
         *
         * @param value null takes back what was set
         * @return this builder
         */
        public Builder toolCallFormat(@Nullable ToolCallFormat value) {
            return set(TOOL_CALL_FORMAT, value);
        }

        /**
         * Whether the model thinks before it answers: the variable {@code enable_thinking} of many chat templates.
         *
         * @param value null takes back what was set
         * @return this builder
         */
        public Builder enableThinking(@Nullable Boolean value) {
            return set(ENABLE_THINKING, value);
        }

        /**
         * What the chat template is given by name: strings, booleans, numbers, lists and maps of these.
         *
         * @param value null takes back what was set
         * @return this builder
         */
        public Builder templateVariables(@Nullable Map<String, @Nullable Object> value) {
            return set(TEMPLATE_VARIABLES, value == null ? null : copy(value));
        }

        /**
         * Texts that the answer may rest on, each with members such as {@code title} and {@code text}. A chat
         * template that does not show them is refused.
         *
         * @param value null takes back what was set
         * @return this builder
         */
        public Builder documents(@Nullable List<Map<String, String>> value) {
            return set(DOCUMENTS, value == null ? null : List.copyOf(value));
        }

        /**
         * Takes every option that is set in another builder. Stop sequences and tools of both remain.
         *
         * @return this builder
         */
        @Override
        public Builder combineWith(ChatOptions.Builder<?> other) {
            super.combineWith(other);
            if (other instanceof Builder that) {
                own = that.own.over(own);
            } else if (other instanceof StructuredOutputChatOptions.Builder<?> structured
                    && structured.build() instanceof StructuredOutputChatOptions options
                    && options.getOutputSchema() != null) {
                outputSchema(options.getOutputSchema());
            }
            return this;
        }

        @Override
        public LemChatOptions build() {
            Common common = new Common(
                    toolCallbacks,
                    toolContext,
                    model,
                    frequencyPenalty,
                    maxTokens,
                    presencePenalty,
                    stopSequences,
                    temperature,
                    topK,
                    topP);
            return new LemChatOptions(common, own);
        }
    }
}
