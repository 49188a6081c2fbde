package io.lethean.lem.langchain4j;

import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialThinkingContext;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.PartialToolCallContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import io.lethean.lem.ToolCall;
import io.lethean.lem.model.AnswerParser;
import io.lethean.lem.model.AnswerParts;
import io.lethean.lem.model.AnswerStream;
import io.lethean.lem.model.Cancellation;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationRequest;
import io.lethean.lem.model.RenderedChat;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * One answer on its way to a handler. One thread asks the model; another one reads the answer and tells the handler, and nothing else
 * calls the handler. So the model's thread never waits for a handler.
 */
final class StreamedAnswer implements StreamingHandle {

    private final Answerer answerer;
    private final GenerationRequest.Chat request;
    private final String modelName;
    private final StreamingChatResponseHandler handler;
    private final Cancellation cancellation = new Cancellation();
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

    private sealed interface Event {

        record Begun(AnswerParser parser) implements Event {}

        record Piece(String text) implements Event {}

        record Complete(Generation generation) implements Event {}

        record Lost(Throwable cause) implements Event {}
    }

    StreamedAnswer(
            Answerer answerer, GenerationRequest.Chat request, String modelName, StreamingChatResponseHandler handler) {
        this.answerer = answerer;
        this.request = request;
        this.modelName = modelName;
        this.handler = handler;
    }

    void start() {
        Thread.ofVirtual().name("lem-langchain4j-answer").start(this::ask);
        Thread.ofVirtual().name("lem-langchain4j-handler").start(this::tell);
    }

    /** Ends the answer; the handler is told nothing more. */
    @Override
    public void cancel() {
        cancellation.cancel();
    }

    @Override
    public boolean isCancelled() {
        return cancellation.isCancelled();
    }

    private void ask() {
        try {
            RenderedChat chat = answerer.render(request);
            events.add(new Event.Begun(chat.answerParser()));
            events.add(new Event.Complete(
                    answerer.generate(chat, piece -> events.add(new Event.Piece(piece)), cancellation)));
        } catch (RuntimeException failed) {
            events.add(new Event.Lost(Errors.mapped(failed)));
        } catch (Throwable lost) {
            events.add(new Event.Lost(lost));
        }
    }

    private void tell() {
        try {
            Reading reading = null;
            while (true) {
                Event event = events.take();
                if (isCancelled()) {
                    return;
                }
                switch (event) {
                    case Event.Begun(AnswerParser parser) -> reading = new Reading(parser);
                    case Event.Piece(String text) ->
                        Objects.requireNonNull(reading).tell(text);
                    case Event.Complete(Generation generation) -> {
                        Objects.requireNonNull(reading).complete(generation);
                        return;
                    }
                    case Event.Lost(Throwable cause) -> {
                        tellError(cause);
                        return;
                    }
                }
            }
        } catch (InterruptedException stopped) {
            cancel();
            Thread.currentThread().interrupt();
        }
    }

    /** Tells the handler the parts of the answer, on the thread that reads it. */
    private final class Reading {

        private final AnswerParser parser;
        private final AnswerStream stream;
        private int calls;

        Reading(AnswerParser parser) {
            this.parser = parser;
            stream = parser.stream();
        }

        void tell(String text) {
            tell(stream.add(text));
        }

        void complete(Generation generation) {
            tell(stream.finish());
            call(() -> handler.onCompleteResponse(ChatResponses.of(parser.parse(generation), modelName)));
        }

        /** A call comes in one piece: until it is complete it may turn out to be words. */
        private void tell(AnswerParts parts) {
            String thought = parts.thinking().orElse("");
            if (!thought.isEmpty()) {
                call(() -> handler.onPartialThinking(
                        new PartialThinking(thought), new PartialThinkingContext(StreamedAnswer.this)));
            }
            if (!parts.content().isEmpty()) {
                call(() -> handler.onPartialResponse(
                        new PartialResponse(parts.content()), new PartialResponseContext(StreamedAnswer.this)));
            }
            for (ToolCall call : parts.toolCalls()) {
                int index = calls++;
                call(() -> handler.onPartialToolCall(
                        PartialToolCall.builder()
                                .index(index)
                                .id(call.id())
                                .name(call.name())
                                .partialArguments(call.arguments())
                                .build(),
                        new PartialToolCallContext(StreamedAnswer.this)));
                call(() -> handler.onCompleteToolCall(
                        new CompleteToolCall(index, ChatResponses.toolExecutionRequest(call))));
            }
        }
    }

    /** What a handler throws is told to it, and the answer continues: that is LangChain4j's rule. */
    private void call(Runnable callback) {
        if (isCancelled()) {
            return;
        }
        try {
            callback.run();
        } catch (Throwable thrown) {
            tellError(thrown);
        }
    }

    private void tellError(Throwable cause) {
        try {
            handler.onError(cause);
        } catch (Throwable thrown) {
            System.getLogger(StreamedAnswer.class.getName())
                    .log(System.Logger.Level.WARNING, "The onError of a streaming handler threw an exception.", thrown);
        }
    }
}
