package io.lethean.lem.spring;

import io.lethean.lem.model.AnswerParts;
import io.lethean.lem.model.Cancellation;
import io.lethean.lem.model.ChatAnswer;
import io.lethean.lem.model.GenerationRequest;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.springframework.ai.chat.model.ChatResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;

/**
 * One answer on its way to a subscriber. One virtual thread asks the model, another one tells the subscriber, so that the
 * model's thread never waits for it and the subscriber may ask the same model.
 */
final class StreamedAnswer {

    private final FluxSink<ChatResponse> sink;
    private final ChatResponses responses;
    private final Cancellation cancellation = new Cancellation();
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

    private sealed interface Event {

        record Grown(AnswerParts parts) implements Event {}

        record Complete(ChatAnswer answer) implements Event {}

        record Lost(Throwable cause) implements Event {}
    }

    private StreamedAnswer(FluxSink<ChatResponse> sink, ChatResponses responses) {
        this.sink = sink;
        this.responses = responses;
    }

    /**
     * Asks once for each subscriber. One that cancels ends its answer. What a slow one has not requested yet is kept: at most
     * the answer, of which the options bound the length.
     *
     * @param complete given the whole answer before the subscriber is told that it is complete
     */
    static Flux<ChatResponse> of(
            Answerer answerer, GenerationRequest.Chat request, ChatResponses responses, Consumer<ChatAnswer> complete) {
        return Flux.create(sink -> {
            StreamedAnswer answer = new StreamedAnswer(sink, responses);
            sink.onDispose(answer.cancellation::cancel);
            Thread.ofVirtual().name("lem-spring-answer").start(() -> answer.ask(answerer, request));
            Thread.ofVirtual().name("lem-spring-subscriber").start(() -> answer.tell(complete));
        });
    }

    private void ask(Answerer answerer, GenerationRequest.Chat request) {
        try {
            events.add(new Event.Complete(
                    answerer.answer(request, parts -> events.add(new Event.Grown(parts)), cancellation)));
        } catch (Throwable lost) {
            events.add(new Event.Lost(lost));
        }
    }

    private void tell(Consumer<ChatAnswer> complete) {
        try {
            while (true) {
                switch (events.take()) {
                    case Event.Grown(AnswerParts parts) -> responses.part(parts).ifPresent(sink::next);
                    case Event.Complete(ChatAnswer answer) -> {
                        complete.accept(answer);
                        sink.next(responses.last(answer));
                        sink.complete();
                        return;
                    }
                    case Event.Lost(Throwable cause) -> {
                        sink.error(cause);
                        return;
                    }
                }
            }
        } catch (Throwable thrown) {
            cancellation.cancel();
            sink.error(thrown);
        }
    }
}
