package io.lethean.lem.langchain4j;

import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import io.lethean.lem.model.LemModel;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * LangChain4j's {@code ChatModel} on a {@link LemModel} in this process.
 *
 * <p>It does not own the model: close the model when nobody asks it any more. Any number of threads may ask at once; their
 * answers share the steps of the model. A thread that waits may be interrupted, which ends its answer.
 */
public final class LemChatModel implements ChatModel {

    private final Answerer answerer;
    private final ChatSettings settings;

    private LemChatModel(Answerer answerer, ChatSettings settings) {
        this.answerer = answerer;
        this.settings = settings;
    }

    /** For tests with a script. */
    static LemChatModel of(Answerer answerer, ChatSettings settings) {
        return new LemChatModel(answerer, settings);
    }

    /**
     * {@return a chat model with the library's own options}
     *
     * @param model the model; it stays the caller's to close
     */
    public static LemChatModel of(LemModel model) {
        return builder(model).build();
    }

    /**
     * {@return a builder of a chat model on this model}
     *
     * @param model the model; it stays the caller's to close
     */
    public static Builder builder(LemModel model) {
        return new Builder(model);
    }

    /**
     * Answers.
     *
     * @throws dev.langchain4j.exception.UnsupportedFeatureException if the request asks for what LEM cannot do
     * @throws dev.langchain4j.exception.InvalidRequestException if the conversation does not fit the context or the chat
     *     template, or an option is out of its range
     * @throws dev.langchain4j.exception.RateLimitException if the model has as many calls to answer as its maxCalls
     */
    @Override
    public ChatResponse doChat(ChatRequest request) {
        return Errors.mapped(() -> ChatResponses.of(
                answerer.answer(ChatRequests.of(request, settings.modelName())), settings.modelName()));
    }

    /** Answers on a virtual thread. Cancelling the future ends the answer. */
    @Override
    public CompletableFuture<ChatResponse> doChatAsync(ChatRequest request) {
        return Async.run(() -> doChat(request));
    }

    @Override
    public ChatRequestParameters defaultRequestParameters() {
        return settings.parameters();
    }

    @Override
    public List<ChatModelListener> listeners() {
        return settings.listeners();
    }

    @Override
    public Set<Capability> supportedCapabilities() {
        return settings.capabilities();
    }

    /** Sets what a {@link LemChatModel} is made of. */
    public static final class Builder extends ChatSettings.Builder<Builder> {

        private final LemModel model;

        private Builder(LemModel model) {
            super(model);
            this.model = model;
        }

        /**
         * Builds the chat model.
         *
         * @return the chat model
         * @throws dev.langchain4j.exception.UnsupportedFeatureException if the default parameters name another model
         */
        public LemChatModel build() {
            return new LemChatModel(Answerer.of(model), settings());
        }
    }
}
