package io.lethean.lem.langchain4j;

import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatModelStreamingEvent;
import io.lethean.lem.model.GenerationRequest;
import java.util.Objects;
import java.util.concurrent.Flow;

/** Asks the model once for each subscriber. */
final class AnswerPublisher implements Flow.Publisher<ChatModelStreamingEvent> {

    private final Answerer answerer;
    private final ChatRequest request;
    private final String modelName;

    AnswerPublisher(Answerer answerer, ChatRequest request, String modelName) {
        this.answerer = answerer;
        this.request = request;
        this.modelName = modelName;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ChatModelStreamingEvent> subscriber) {
        Objects.requireNonNull(subscriber, "subscriber");
        GenerationRequest.Chat asked;
        try {
            asked = Errors.mapped(() -> ChatRequests.of(request, modelName));
        } catch (RuntimeException refused) {
            subscriber.onSubscribe(Refused.INSTANCE);
            subscriber.onError(refused);
            return;
        }
        Subscribed subscribed = new Subscribed(subscriber);
        StreamedAnswer answer = new StreamedAnswer(answerer, asked, modelName, subscribed);
        subscribed.endBy(answer);
        subscriber.onSubscribe(subscribed);
        answer.start();
    }

    /** The subscription of a request that was refused. */
    private enum Refused implements Flow.Subscription {
        INSTANCE;

        @Override
        public void request(long n) {}

        @Override
        public void cancel() {}
    }
}
