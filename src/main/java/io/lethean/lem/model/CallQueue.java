package io.lethean.lem.model;

import io.lethean.lem.ModelBusyException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The calls that wait or are being answered, and the order of their turns: a call that had one goes to the end, so that one
 * with many requests does not keep the others waiting.
 *
 * <p>Calls are added by any thread; what begins or ends them is for the model's thread.
 */
final class CallQueue {

    private final GenerationCall.RequestEncoder encoder;
    private final Deque<GenerationCall> calls = new ArrayDeque<>();

    CallQueue(GenerationCall.RequestEncoder encoder) {
        this.encoder = encoder;
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
            long open = calls.stream().filter(each -> !each.isPreparation()).count();
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
     * @param idle whether no answer is being generated
     */
    @Nullable
    GenerationCall next(boolean idle) {
        GenerationCall preparation = null;
        for (GenerationCall call : all()) {
            if (!mayStart(call)) {
                continue;
            }
            GenerationCall before = call.unfinishedBefore();
            if (before != null && mayStart(before)) {
                return before;
            }
            if (!call.isPreparation()) {
                putLast(call);
                return call;
            }
            preparation = preparation == null ? call : preparation;
        }
        return idle ? preparation : null;
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
