package io.lethean.lem.langchain4j;

import dev.langchain4j.model.chat.response.ChatModelStreamingEvent;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialThinkingContext;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.PartialToolCallContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Gives a subscriber the events of one answer, as many as it requested. The thread that reads the answer waits here for demand; events
 * wait in its queue, and the model does not wait.
 */
final class Subscribed implements StreamingChatResponseHandler, Flow.Subscription {

    private final Flow.Subscriber<? super ChatModelStreamingEvent> subscriber;
    private @Nullable StreamingHandle answer;
    private long demand;
    private boolean cancelled;
    private @Nullable IllegalArgumentException wrongDemand;

    Subscribed(Flow.Subscriber<? super ChatModelStreamingEvent> subscriber) {
        this.subscriber = subscriber;
    }

    /** Sets what a cancellation ends; before the subscriber knows of this subscription. */
    synchronized void endBy(StreamingHandle handle) {
        answer = handle;
    }

    @Override
    public synchronized void request(long n) {
        if (n <= 0) {
            wrongDemand = new IllegalArgumentException(
                    "A subscriber must request at least 1 event, and this one requested " + n + ".");
        }
        demand = n > Long.MAX_VALUE - demand ? Long.MAX_VALUE : demand + Math.max(0, n);
        notifyAll();
    }

    @Override
    public synchronized void cancel() {
        cancelled = true;
        notifyAll();
        if (answer != null) {
            answer.cancel();
        }
    }

    @Override
    public void onPartialResponse(PartialResponse partialResponse, PartialResponseContext context) {
        next(partialResponse);
    }

    @Override
    public void onPartialThinking(PartialThinking partialThinking, PartialThinkingContext context) {
        next(partialThinking);
    }

    @Override
    public void onPartialToolCall(PartialToolCall partialToolCall, PartialToolCallContext context) {
        next(partialToolCall);
    }

    @Override
    public void onCompleteToolCall(CompleteToolCall completeToolCall) {
        next(completeToolCall);
    }

    @Override
    public void onCompleteResponse(ChatResponse completeResponse) {
        if (next(new CompleteResponse(completeResponse))) {
            subscriber.onComplete();
        }
    }

    @Override
    public void onError(Throwable error) {
        if (!isCancelled()) {
            subscriber.onError(error);
        }
    }

    /** Whether the subscriber got the event and wants more. */
    private boolean next(ChatModelStreamingEvent event) {
        IllegalArgumentException wrong = awaitDemand();
        if (wrong != null) {
            cancel();
            subscriber.onError(wrong);
            return false;
        }
        if (isCancelled()) {
            return false;
        }
        try {
            subscriber.onNext(event);
        } catch (RuntimeException | Error thrown) {
            // A subscriber that throws has broken the contract: its subscription ends.
            cancel();
            throw thrown;
        }
        return !isCancelled();
    }

    private synchronized boolean isCancelled() {
        return cancelled;
    }

    /** Waits until an event may be given, and counts it. */
    private synchronized @Nullable IllegalArgumentException awaitDemand() {
        try {
            while (demand == 0 && !cancelled && wrongDemand == null) {
                wait();
            }
        } catch (InterruptedException stopped) {
            cancel();
            Thread.currentThread().interrupt();
        }
        demand -= demand == Long.MAX_VALUE ? 0 : 1;
        return cancelled ? null : wrongDemand;
    }
}
