package io.lethean.lem.model;

import java.util.ArrayList;
import java.util.List;

/**
 * A switch by which any thread ends a generation that another thread waits for.
 *
 * <p>Cancellation is permanent: every generation that gets this switch afterwards ends at once. Safe for use by
 * several threads and in several generations.
 */
public final class Cancellation {

    private final List<Runnable> listeners = new ArrayList<>();
    private boolean cancelled;

    /** A switch that is not thrown yet. */
    public Cancellation() {}

    /** Ends every generation that has this switch; each returns what it has with {@link FinishReason#CANCELLED}. */
    public void cancel() {
        List<Runnable> told;
        synchronized (this) {
            cancelled = true;
            told = List.copyOf(listeners);
        }
        told.forEach(Runnable::run);
    }

    /** {@return whether the switch was thrown} */
    public synchronized boolean isCancelled() {
        return cancelled;
    }

    /** Runs {@code action} when the switch is thrown, at once if it already is. */
    void onCancel(Runnable action) {
        boolean now;
        synchronized (this) {
            listeners.add(action);
            now = cancelled;
        }
        if (now) {
            action.run();
        }
    }

    synchronized void forget(Runnable action) {
        listeners.remove(action);
    }
}
