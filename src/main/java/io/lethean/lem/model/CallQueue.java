package io.lethean.lem.model;

import io.lethean.lem.ModelBusyException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The calls that wait or are being answered, and the order of their turns: a call that had one goes to the end, so that one
 * with many requests does not keep the others waiting.
 *
 * <p>Calls are added by any thread; what begins or ends them is for the model's thread.
 */
final class CallQueue {

    private final GenerationCall.RequestEncoder encoder;
    private final int mostInRound;
    private final Deque<GenerationCall> calls = new ArrayDeque<>();
    private int round;

    /** @param mostInRound requests that are begun with the same adapters while others wait for other ones */
    CallQueue(GenerationCall.RequestEncoder encoder, int mostInRound) {
        this.encoder = encoder;
        this.mostInRound = mostInRound;
    }

    /** Adds a call to those that wait. */
    void add(GenerationCall call) {
        synchronized (calls) {
            calls.add(call);
        }
    }

    /**
     * Adds a call to those that wait.
     *
     * @throws ModelBusyException if there are as many as this
     */
    void add(GenerationCall call, int most) {
        synchronized (calls) {
            // One that has its answers stays in the queue until the model's thread looks at it again.
            long open = calls.stream()
                    .filter(each -> !each.isPreparation() && !each.done().isDone())
                    .count();
            if (open >= most) {
                throw new ModelBusyException(String.format(
                        Locale.ROOT,
                        "The model has %d calls to answer, as many as maxCalls allows; ask again later, or load it with a"
                                + " larger maxCalls.",
                        open));
            }
            calls.add(call);
        }
    }

    boolean isEmpty() {
        synchronized (calls) {
            return calls.isEmpty();
        }
    }

    private List<GenerationCall> all() {
        synchronized (calls) {
            return List.copyOf(calls);
        }
    }

    /** Makes a prompt or a step that is being evaluated end early. */
    void cancelBegun() {
        all().stream()
                .filter(GenerationCall::isBegun)
                .forEach(call -> call.cancel().raise());
    }

    /** Ends every call by an exception. */
    void failAll(Throwable cause) {
        List<GenerationCall> lost = all();
        synchronized (calls) {
            calls.clear();
        }
        lost.forEach(call -> call.done().fail(cause));
    }

    /** Removes the calls that have all their outcomes. */
    void removeEnded() {
        synchronized (calls) {
            calls.removeIf(call -> call.done().isDone());
        }
    }

    /** Ends the requests that wait and were cancelled, or have waited as long as they may. */
    void dropCancelled() {
        for (GenerationCall call : all()) {
            if (call.cancel().isRaised()) {
                beginOnce(call);
                call.dropWaiting();
            }
            call.dropLate();
        }
    }

    /** Ends the requests that wait and are part of a call that was begun. */
    void dropBegun() {
        all().stream().filter(GenerationCall::isBegun).forEach(GenerationCall::dropWaiting);
    }

    private void beginOnce(GenerationCall call) {
        if (!call.isBegun()) {
            call.begin(encoder);
        }
    }

    /** Whether a call has a request that could be started. */
    private boolean mayStart(GenerationCall call) {
        beginOnce(call);
        return call.hasWaiting();
    }

    /** Whether somebody waits for something else than this preparation. */
    boolean isInTheWay(GenerationCall preparation) {
        return all().stream()
                .anyMatch(call -> !call.isPreparation() && mayStart(call) && call.unfinishedBefore() != preparation);
    }

    /**
     * The next call in turn that has a request; a preparation if it is waited for, or there is nothing else to do.
     *
     * <p>Requests with other adapters than the present ones wait until no answer is being generated. So that they get their
     * turn, not more than a round is begun while they wait.
     *
     * @param idle whether no answer is being generated
     * @param fits whether a request takes the adapters that are applied now
     */
    @Nullable
    GenerationCall next(boolean idle, Predicate<EncodedRequest> fits) {
        GenerationCall fitting = null;
        GenerationCall other = null;
        GenerationCall preparation = null;
        for (GenerationCall call : all()) {
            if (!mayStart(call)) {
                continue;
            }
            GenerationCall before = call.unfinishedBefore();
            GenerationCall first = before != null && mayStart(before) ? before : call;
            if (first == call && call.isPreparation()) {
                preparation = preparation == null ? call : preparation;
            } else if (fits.test(Objects.requireNonNull(first.peek()))) {
                fitting = fitting == null ? first : fitting;
            } else {
                other = other == null ? first : other;
            }
        }
        return turn(fitting, other, idle ? preparation : null, idle);
    }

    private @Nullable GenerationCall turn(
            @Nullable GenerationCall fitting,
            @Nullable GenerationCall other,
            @Nullable GenerationCall preparation,
            boolean idle) {
        boolean change = other != null && (fitting == null || round >= mostInRound);
        if (change && !idle) {
            return null;
        }
        GenerationCall next = change ? other : fitting;
        if (next == null) {
            return preparation;
        }
        round = change ? 1 : round + 1;
        if (!next.isPreparation()) {
            putLast(next);
        }
        return next;
    }

    private void putLast(GenerationCall call) {
        synchronized (calls) {
            calls.remove(call);
            calls.add(call);
        }
    }

    /** The request that will probably be started next; null if no request waits. */
    @Nullable
    EncodedRequest peek() {
        for (GenerationCall call : all()) {
            EncodedRequest next = call.peek();
            if (next != null) {
                return next;
            }
        }
        return null;
    }
}
