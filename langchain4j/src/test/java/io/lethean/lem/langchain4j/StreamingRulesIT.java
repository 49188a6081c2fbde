package io.lethean.lem.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatModelStreamingEvent;
import dev.langchain4j.model.chat.response.CompleteResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Threads, cancellation and demand of streamed answers. */
class StreamingRulesIT {

    private static final ChatRequest QUESTION =
            ChatRequest.builder().messages(UserMessage.from("Tell me.")).build();

    /** Ends by a limit only: its grammar has no end. */
    private static final StreamingChatModel ENDLESS = LemStreamingChatModel.builder(ScriptedModel.model())
            .defaultRequestParameters(LemChatRequestParameters.builder()
                    .generationOptions(options -> options.maxTokens(7000).grammar("root ::= \"a\" root"))
                    .build())
            .build();

    private static final String ANSWER = "One, two, three.";
    private static final StreamingChatModel SHORT =
            LemStreamingChatModel.of(ScriptedModel.saying(messages -> ANSWER), ScriptedModel.settings());
    private static final ChatModel WHOLE =
            LemChatModel.of(ScriptedModel.saying(messages -> ANSWER), ScriptedModel.settings());

    @Test
    void handlerThatBlocks_doesNotHoldTheModel_andMayAskIt() throws Exception {
        List<Thread> threads = new CopyOnWriteArrayList<>();
        RecordingHandler handler = new RecordingHandler() {
            @Override
            public void onPartialResponse(PartialResponse partialResponse, PartialResponseContext context) {
                threads.add(Thread.currentThread());
                if (pieces.isEmpty()) {
                    pieces.add("asked: " + WHOLE.chat("And you?"));
                }
            }
        };

        SHORT.chat(QUESTION, handler);

        assertThat(handler.response().aiMessage().text()).isEqualTo(ANSWER);
        assertThat(handler.pieces).containsExactly("asked: " + ANSWER);
        assertThat(threads)
                .hasSizeGreaterThan(3)
                .containsOnly(threads.getFirst())
                .doesNotContain(Thread.currentThread());
    }

    @Test
    void cancelledHandle_endsTheAnswer_andNothingIsToldAfterwards() throws Exception {
        CountDownLatch cancelled = new CountDownLatch(1);
        RecordingHandler handler = new RecordingHandler() {
            @Override
            public void onPartialResponse(PartialResponse partialResponse, PartialResponseContext context) {
                super.onPartialResponse(partialResponse, context);
                if (pieces.size() == 3) {
                    context.streamingHandle().cancel();
                    cancelled.countDown();
                }
            }
        };

        ENDLESS.chat(QUESTION, handler);

        assertThat(cancelled.await(60, TimeUnit.SECONDS)).isTrue();
        // The model has one sequence: this answer comes only after the other one has ended.
        assertThat(WHOLE.chat("Now?")).isEqualTo(ANSWER);
        assertThat(handler.pieces).hasSize(3);
        assertThat(handler.hasEnded()).isFalse();
    }

    @Test
    void cancelledFuture_endsTheAnswer() {
        ChatModel endless = LemChatModel.builder(ScriptedModel.model())
                .defaultRequestParameters(ENDLESS.defaultRequestParameters())
                .build();

        CompletableFuture<?> future = endless.chatAsync(QUESTION);
        assertThat(future.cancel(true)).isTrue();

        assertThat(WHOLE.chat("Now?")).isEqualTo(ANSWER);
    }

    /** Records events, and requests a given number of them at first. */
    private static class Recorder implements Flow.Subscriber<ChatModelStreamingEvent> {

        final List<ChatModelStreamingEvent> events = new CopyOnWriteArrayList<>();
        final CompletableFuture<Void> end = new CompletableFuture<>();
        private final long atFirst;
        volatile Flow.Subscription subscription;

        Recorder(long atFirst) {
            this.atFirst = atFirst;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            if (atFirst != 0) {
                given.request(atFirst);
            }
        }

        @Override
        public void onNext(ChatModelStreamingEvent event) {
            events.add(event);
        }

        @Override
        public void onError(Throwable error) {
            end.completeExceptionally(error);
        }

        @Override
        public void onComplete() {
            end.complete(null);
        }

        String text() {
            StringBuilder text = new StringBuilder();
            events.forEach(event -> text.append(event instanceof PartialResponse part ? part.text() : ""));
            return text.toString();
        }
    }

    @Test
    void subscriber_getsAsMuchAsItRequests_andTheModelDoesNotWait() throws Exception {
        Recorder slow = new Recorder(2);
        SHORT.chat(QUESTION).subscribe(slow);

        assertThat(WHOLE.chat("Meanwhile?")).isEqualTo(ANSWER);
        await().until(() -> slow.events.size() == 2);
        Thread.sleep(50);
        assertThat(slow.events).hasSize(2);

        slow.subscription.request(Long.MAX_VALUE);
        slow.end.get(60, TimeUnit.SECONDS);
        assertThat(slow.text()).isEqualTo(ANSWER);
        assertThat(slow.events.getLast()).isInstanceOf(CompleteResponse.class);
    }

    @Test
    void everySubscriber_getsAnAnswerOfItsOwn() throws Exception {
        Flow.Publisher<ChatModelStreamingEvent> publisher = SHORT.chat(QUESTION);
        Recorder first = new Recorder(Long.MAX_VALUE);
        Recorder second = new Recorder(Long.MAX_VALUE);
        publisher.subscribe(first);
        publisher.subscribe(second);

        first.end.get(60, TimeUnit.SECONDS);
        second.end.get(60, TimeUnit.SECONDS);
        assertThat(first.text()).isEqualTo(ANSWER).isEqualTo(second.text());
    }

    @Test
    void subscriberThatCancels_endsItsAnswer() throws Exception {
        CountDownLatch cancelled = new CountDownLatch(1);
        Recorder recorder = new Recorder(Long.MAX_VALUE) {
            @Override
            public void onNext(ChatModelStreamingEvent event) {
                super.onNext(event);
                if (events.size() == 3) {
                    subscription.cancel();
                    cancelled.countDown();
                }
            }
        };
        ENDLESS.chat(QUESTION).subscribe(recorder);

        assertThat(cancelled.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(WHOLE.chat("Now?")).isEqualTo(ANSWER);
        assertThat(recorder.events).hasSize(3);
        assertThat(recorder.end).isNotDone();
    }

    @Test
    void subscriberThatThrows_endsItsAnswer_withoutAnotherSignal() throws Exception {
        Recorder recorder = new Recorder(Long.MAX_VALUE) {
            @Override
            public void onNext(ChatModelStreamingEvent event) {
                super.onNext(event);
                throw new IllegalStateException("A fault of the subscriber.");
            }
        };
        ENDLESS.chat(QUESTION).subscribe(recorder);

        await().until(() -> !recorder.events.isEmpty());
        assertThat(WHOLE.chat("Now?")).isEqualTo(ANSWER);
        assertThat(recorder.events).hasSize(1);
        assertThat(recorder.end).isNotDone();
    }

    @Test
    void demandOfNothing_isAnError() {
        Recorder recorder = new Recorder(-1);
        SHORT.chat(QUESTION).subscribe(recorder);

        assertThatThrownBy(() -> recorder.end.get(60, TimeUnit.SECONDS))
                .cause()
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 1 event")
                .hasMessageContaining("-1");
        assertThat(recorder.events).isEmpty();
    }

    @Test
    void refusedRequest_isAnErrorOfTheSubscriber_andNotOfTheCall() {
        ChatRequest other = ChatRequest.builder()
                .messages(UserMessage.from("Hi"))
                .modelName("other")
                .build();
        Recorder recorder = new Recorder(1);
        SHORT.doChat(other).subscribe(recorder);

        assertThatThrownBy(() -> recorder.end.get(60, TimeUnit.SECONDS))
                .cause()
                .isExactlyInstanceOf(UnsupportedFeatureException.class);
        assertThatThrownBy(() -> SHORT.chat(other, new RecordingHandler()))
                .isExactlyInstanceOf(UnsupportedFeatureException.class);
    }
}
