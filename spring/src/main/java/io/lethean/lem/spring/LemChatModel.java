package io.lethean.lem.spring;

import io.lethean.lem.model.ChatAnswer;
import io.lethean.lem.model.GenerationRequest;
import io.lethean.lem.model.LemModel;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.ai.chat.observation.ChatModelObservationConvention;
import org.springframework.ai.chat.observation.ChatModelObservationDocumentation;
import org.springframework.ai.chat.observation.DefaultChatModelObservationConvention;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import reactor.core.publisher.Flux;
import reactor.util.context.ContextView;

/**
 * Spring AI's {@code ChatModel} on a {@link LemModel} in this process.
 *
 * <p><b>Lifetime.</b> It does not own the model: close the model when nobody asks it any more.
 *
 * <p><b>Threads.</b> Any number of threads may ask at once; the model answers as many as it has places, and others wait.
 * {@link #call} answers on the caller's thread; interrupting it ends the answer. {@link #stream} returns at once. Its subscriber
 * is told on one virtual thread for each answer, so it may block and may ask the same model.
 *
 * <p><b>Tools.</b> The model returns calls and takes results; whoever asks runs the tools, as the {@code ToolCallingAdvisor} of
 * {@code ChatClient} does.
 *
 * <p><b>Options.</b> An option that a request does not set is that of the model. Exceptions are those of {@link LemModel}.
 */
public final class LemChatModel implements ChatModel {

    /** Provider in observations: the value of {@code gen_ai.system}. */
    public static final String PROVIDER = "lem";

    /**
     * Metadata of a message and of a result: what the model thought before its answer, a {@code String}. A stream has it in its
     * last response. In a message of the assistant in a prompt it is given to the chat template.
     */
    public static final String THINKING = "thinking";

    /** Metadata of a message in a stream: what the model thought since the response before, a {@code String}. */
    public static final String THINKING_DELTA = "thinkingDelta";

    /** Metadata of a result: the stop sequence that ended the answer, a {@code String}. */
    public static final String STOP_SEQUENCE = "stopSequence";

    /** Metadata of a message: texts of calls that cannot be read, a {@code List<String>}. They are part of the text, too. */
    public static final String MALFORMED_TOOL_CALLS = "malformedToolCalls";

    /**
     * Metadata of a response: the {@link io.lethean.lem.model.Generation} with times, seed and log-probabilities. A stream has it
     * in its last response.
     */
    public static final String GENERATION = "lem.generation";

    private static final ChatModelObservationConvention DEFAULT_CONVENTION =
            new DefaultChatModelObservationConvention();

    private final Answerer answerer;
    private final String name;
    private final LemChatOptions options;
    private final ObservationRegistry observations;
    private final @Nullable ChatModelObservationConvention convention;

    private LemChatModel(Builder builder) {
        answerer = builder.answerer;
        name = builder.name;
        options = builder.options.mutate().model(name).build();
        observations = builder.observations;
        convention = builder.convention;
    }

    /**
     * A chat model with LEM's own options, not observed.
     *
     * @param model the model; it is not owned
     * @return a chat model on it
     */
    public static LemChatModel of(LemModel model) {
        return builder(model).build();
    }

    /**
     * A builder of a chat model.
     *
     * @param model the model; it is not owned
     * @return a new builder
     */
    public static Builder builder(LemModel model) {
        return new Builder(Answerer.of(model), ModelNames.of(model));
    }

    /** For tests, with a script in place of a model. */
    static Builder builder(Answerer script, String name) {
        return new Builder(script, name);
    }

    /**
     * The name of the model, which responses and observations have.
     *
     * @return by default the name of the model's file without {@code .gguf}
     */
    public String name() {
        return name;
    }

    @Override
    public LemChatOptions getOptions() {
        return options;
    }

    /**
     * Answers a conversation.
     *
     * @return one result; its finish reason is {@code stop}, {@code length}, {@code tool_calls} or, after an interrupt or if the
     *     model was closed meanwhile, {@code cancelled}
     * @throws IllegalArgumentException if the request has media, asks for another model, or has an option out of its range
     * @throws io.lethean.lem.ContextOverflowException if the conversation does not fit the context
     * @throws io.lethean.lem.ChatTemplateException if the model's template refuses the conversation
     * @throws io.lethean.lem.GrammarException if a grammar, schema or demanded call cannot be enforced
     * @throws io.lethean.lem.ModelBusyException if more callers wait than the model lets in
     * @throws IllegalStateException if the model is closed
     */
    @Override
    public ChatResponse call(Prompt prompt) {
        Prompt asked = withOptions(prompt);
        GenerationRequest.Chat request = request(asked);
        ChatModelObservationContext context = context(asked, false);
        return Objects.requireNonNull(observation(context).observe(() -> {
            ChatResponse response = new ChatResponses(name).whole(answerer.answer(request));
            context.setResponse(response);
            return response;
        }));
    }

    /**
     * Answers a conversation as it grows: words in responses without a finish reason, then one response without words that has
     * the finish reason, calls of tools, the whole thinking, and the usage.
     *
     * @return asks the model once for each subscriber. Cancelling ends the answer, and so does an exception of the subscriber.
     *     What {@link #call} throws is its error. What a subscriber has not requested yet is kept, at most the answer
     */
    @Override
    public Flux<ChatResponse> stream(Prompt prompt) {
        return Flux.deferContextual(view -> {
            Prompt asked = withOptions(prompt);
            GenerationRequest.Chat request = request(asked);
            ChatModelObservationContext context = context(asked, true);
            Observation observation = started(context, view);
            ChatResponses responses = new ChatResponses(name);
            return StreamedAnswer.of(
                            answerer,
                            request,
                            responses,
                            (ChatAnswer answer) -> context.setResponse(responses.whole(answer)))
                    .doOnError(observation::error)
                    // Before the subscriber is told, so that it finds the observation complete.
                    .doOnTerminate(observation::stop)
                    .doOnCancel(observation::stop)
                    .contextWrite(inner -> inner.put(ObservationThreadLocalAccessor.KEY, observation));
        });
    }

    private Prompt withOptions(Prompt prompt) {
        ChatOptions given = prompt.getOptions();
        LemChatOptions all = given == null ? options : LemChatOptions.over(options, given);
        ModelNames.require(Objects.requireNonNullElse(all.getModel(), name), name);
        return prompt.mutate().chatOptions(all).build();
    }

    private static GenerationRequest.Chat request(Prompt asked) {
        return ChatRequests.of(asked.getInstructions(), (LemChatOptions) Objects.requireNonNull(asked.getOptions()));
    }

    private static ChatModelObservationContext context(Prompt asked, boolean streaming) {
        return ChatModelObservationContext.builder()
                .prompt(asked)
                .provider(PROVIDER)
                .streaming(streaming)
                .build();
    }

    private Observation observation(ChatModelObservationContext context) {
        return ChatModelObservationDocumentation.CHAT_MODEL_OPERATION.observation(
                convention, DEFAULT_CONVENTION, () -> context, observations);
    }

    /** An observation below that of the subscriber. */
    private Observation started(ChatModelObservationContext context, ContextView view) {
        Observation observation = observation(context);
        Observation parent = view.getOrDefault(ObservationThreadLocalAccessor.KEY, null);
        observation.parentObservation(parent);
        return observation.start();
    }

    @Override
    public String toString() {
        return "LemChatModel[" + name + "]";
    }

    /** Sets what a {@link LemChatModel} is made of. For one thread. */
    public static final class Builder {

        private final Answerer answerer;
        private String name;
        private LemChatOptions options = LemChatOptions.builder().build();
        private ObservationRegistry observations = ObservationRegistry.NOOP;
        private @Nullable ChatModelObservationConvention convention;

        private Builder(Answerer answerer, String name) {
            this.answerer = answerer;
            this.name = name;
        }

        /**
         * The name of the model in responses and observations, and the only one that a request may ask for.
         *
         * @param value not blank
         * @return this builder
         */
        public Builder name(String value) {
            if (value.isBlank()) {
                throw new IllegalArgumentException("The name of the model is empty; give it a name, or leave it out.");
            }
            name = value;
            return this;
        }

        /**
         * Options of requests that do not set them.
         *
         * @param value the model in them is replaced by the name
         * @return this builder
         */
        public Builder options(LemChatOptions value) {
            options = value;
            return this;
        }

        /**
         * Where answers are observed; nowhere by default.
         *
         * @param value the registry
         * @return this builder
         */
        public Builder observationRegistry(ObservationRegistry value) {
            observations = value;
            return this;
        }

        /**
         * Names and key values of observations; Spring AI's own by default.
         *
         * @param value the convention
         * @return this builder
         */
        public Builder observationConvention(ChatModelObservationConvention value) {
            convention = value;
            return this;
        }

        /**
         * Makes the chat model.
         *
         * @return a new chat model
         */
        public LemChatModel build() {
            return new LemChatModel(this);
        }
    }
}
