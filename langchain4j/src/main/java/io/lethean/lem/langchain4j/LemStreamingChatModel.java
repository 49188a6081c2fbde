package io.lethean.lem.langchain4j;

import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatModelStreamingEvent;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import io.lethean.lem.model.GenerationRequest;
import io.lethean.lem.model.LemModel;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Flow.Publisher;

/**
 * LangChain4j's {@code StreamingChatModel} on a {@link LemModel} in this process.
 *
 * <p>It does not own the model: close the model when nobody asks it any more. Any number of threads may ask at once. A call
 * returns at once; everything is told to the handler on one thread of its own for each answer, so a handler may block and may
 * ask the same model.
 */
public final class LemStreamingChatModel implements StreamingChatModel {

    private final Answerer answerer;
    private final ChatSettings settings;

    private LemStreamingChatModel(Answerer answerer, ChatSettings settings) {
        this.answerer = answerer;
        this.settings = settings;
    }

    /** For tests with a script. */
    static LemStreamingChatModel of(Answerer answerer, ChatSettings settings) {
        return new LemStreamingChatModel(answerer, settings);
    }

    /**
     * {@return a streaming chat model with the library's own options}
     *
     * @param model the model; it stays the caller's to close
     */
    public static LemStreamingChatModel of(LemModel model) {
        return builder(model).build();
    }

    /**
     * {@return a builder of a streaming chat model on this model}
     *
     * @param model the model; it stays the caller's to close
     */
    public static Builder builder(LemModel model) {
        return new Builder(model);
    }

    /**
     * Answers. An answer that fails is told to the handler. What a handler throws is told to its {@code onError}, and the answer
     * continues.
     *
     * @throws dev.langchain4j.exception.UnsupportedFeatureException if the request asks for what LEM cannot do
     * @throws dev.langchain4j.exception.InvalidRequestException if an option is out of its range
     */
    @Override
    public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
        GenerationRequest.Chat asked = Errors.mapped(() -> ChatRequests.of(request, settings.modelName()));
        new StreamedAnswer(answerer, asked, settings.modelName(), handler).start();
    }

    /**
     * Returns a publisher that asks the model for each subscriber. Demand holds back the subscriber's events, not the model. A
     * subscriber that cancels or throws ends its answer.
     */
    @Override
    public Publisher<ChatModelStreamingEvent> doChat(ChatRequest request) {
        return new AnswerPublisher(answerer, request, settings.modelName());
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

    /** Sets what a {@link LemStreamingChatModel} is made of. */
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
        public LemStreamingChatModel build() {
            return new LemStreamingChatModel(Answerer.of(model), settings());
        }
    }
}
