package io.lethean.lem.model;

import io.lethean.lem.internal.llama.CancelFlag;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One call of the API: the requests that it brings, who receives their answers, and how the caller learns of the end.
 *
 * <p>The flag may be raised by any thread. Everything else is confined to the model's thread, except that the call is failed
 * by whoever finds that the thread is lost.
 */
final class GenerationCall {

    private final List<? extends GenerationRequest> requests;
    private final GenerationListener listener;
    private final Consumer<String> text;
    private final @Nullable GenerationCall before;
    private final CancelFlag cancel = new CancelFlag();
    private final ModelThread.Work<Boolean> done = ModelThread.promise();
    private final Queue<EncodedRequest> waiting = new ArrayDeque<>();
    private @Nullable AdapterLease adapters;
    private volatile boolean begun;
    private volatile boolean expired;
    private int open;
    private @Nullable Throwable failure;
    private final long arrived = System.nanoTime();

    /**
     * @param listener receives each answer; what it throws ends the call
     * @param text given the text of the answers as they grow
     */
    GenerationCall(List<? extends GenerationRequest> requests, GenerationListener listener, Consumer<String> text) {
        this(requests, listener, text, null);
    }

    /**
     * @param before a preparation that this call waits for, so that it is done at once
     */
    GenerationCall(
            List<? extends GenerationRequest> requests,
            GenerationListener listener,
            Consumer<String> text,
            @Nullable GenerationCall before) {
        this.requests = List.copyOf(requests);
        this.listener = listener;
        this.text = text;
        this.before = before;
    }

    /** Whether the prompt is only evaluated, for a later one that begins with it, while no other call needs the model. */
    boolean isPreparation() {
        return requests.size() == 1 && requests.getFirst() instanceof GenerationRequest.Prepare;
    }

    /** The preparation that has to be done first; null if there is nothing to wait for. */
    @Nullable
    GenerationCall unfinishedBefore() {
        return before == null || before.done.isDone() ? null : before;
    }

    CancelFlag cancel() {
        return cancel;
    }

    /** Completed when every request has its outcome. */
    ModelThread.Work<Boolean> done() {
        return done;
    }

    Consumer<String> text() {
        return text;
    }

    /** When the caller called, by {@link System#nanoTime}. */
    long arrived() {
        return arrived;
    }

    /** The longest that all answers together may take from then on; empty if one of them has no limit. */
    Optional<Duration> timeLimit() {
        List<Optional<Duration>> limits =
                requests.stream().map(each -> each.options().timeLimit()).toList();
        return limits.stream().allMatch(Optional::isPresent)
                ? limits.stream().flatMap(Optional::stream).max(Comparator.naturalOrder())
                : Optional.empty();
    }

    /** Ends the call because its time is over; for any thread. */
    void expire() {
        expired = true;
        cancel.raise();
    }

    /** Why a request of a cancelled call ends. */
    FinishReason cancelReason() {
        return expired ? FinishReason.TIME_LIMIT : FinishReason.CANCELLED;
    }

    boolean isBegun() {
        return begun;
    }

    private @Nullable AdapterSet named(GenerationRequest request) {
        return adapters == null ? null : adapters.of(request.options());
    }

    /** Hands over the adapters that the requests name; called before the call is added to others. */
    void holds(AdapterLease lease) {
        adapters = lease;
    }

    List<GenerationOptions> options() {
        return requests.stream().map(GenerationRequest::options).toList();
    }

    /**
     * Encodes the requests, in the order of their adapters and tokens, so that those with a common beginning follow each
     * other.
     */
    void begin(RequestEncoder encoder) {
        begun = true;
        open = requests.size();
        List<EncodedRequest> encoded = new ArrayList<>();
        for (int index = 0; index < requests.size(); index++) {
            try {
                GenerationRequest request = requests.get(index);
                encoded.add(encoder.encode(index, request).with(named(request)));
            } catch (RuntimeException unusable) {
                finish(index, new GenerationOutcome.Failed(unusable));
            }
        }
        List<AdapterSet> sets =
                encoded.stream().map(EncodedRequest::adapters).distinct().toList();
        encoded.sort(Comparator.<EncodedRequest>comparingInt(request -> sets.indexOf(request.adapters()))
                .thenComparing(EncodedRequest::prompt, Arrays::compare));
        waiting.addAll(encoded);
        completeIfDone();
    }

    boolean hasWaiting() {
        return !waiting.isEmpty();
    }

    /** The request that {@link #next} takes. */
    @Nullable
    EncodedRequest peek() {
        return waiting.peek();
    }

    EncodedRequest next() {
        return waiting.remove();
    }

    /** Puts back a request that was begun, to begin it again later. */
    void again(EncodedRequest request) {
        waiting.add(request);
    }

    /** Tells that a prompt is about to be evaluated. */
    void started(int index) {
        tell(() -> listener.started(index));
    }

    /** Hands out the outcome of a request. */
    void finish(int index, GenerationOutcome outcome) {
        if (failure == null) {
            tell(() -> listener.finished(index, outcome));
        }
        open--;
        completeIfDone();
    }

    /** What a listener throws ends the call. */
    private void tell(Runnable telling) {
        try {
            telling.run();
        } catch (Throwable thrown) {
            failWith(thrown);
        }
    }

    /** Ends the call by an exception that the caller gets once what was begun has ended. */
    void failWith(Throwable thrown) {
        failure = failure == null ? thrown : failure;
        cancel.raise();
    }

    /** Gives every request that was not begun its outcome, if the call was cancelled. */
    void dropWaiting() {
        while (!waiting.isEmpty()) {
            finish(waiting.remove().index(), EncodedRequest.unanswered(cancelReason()));
        }
    }

    /** Gives every request that has waited as long as it may its outcome. */
    void dropLate() {
        long waited = System.nanoTime() - arrived;
        List<EncodedRequest> late = waiting.stream()
                .filter(request -> request.options()
                        .timeLimit()
                        .filter(limit -> limit.toNanos() <= waited)
                        .isPresent())
                .toList();
        waiting.removeAll(late);
        late.forEach(request -> finish(request.index(), EncodedRequest.unanswered(FinishReason.TIME_LIMIT)));
    }

    private void completeIfDone() {
        if (open == 0) {
            if (failure != null) {
                done.fail(failure);
            } else {
                done.succeed(true);
            }
        }
    }

    /** Turns a request into tokens. */
    @FunctionalInterface
    interface RequestEncoder {
        /** @throws RuntimeException if the request has no prompt, or one that does not fit */
        EncodedRequest encode(int index, GenerationRequest request);
    }
}
