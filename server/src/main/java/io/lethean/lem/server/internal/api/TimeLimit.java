package io.lethean.lem.server.internal.api;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Ends work that takes too long; closing it says that the work is done. Safe for use by several threads. */
final class TimeLimit implements AutoCloseable {

    private final Runnable end;
    private boolean done;
    private boolean over;
    private @Nullable Thread clock;

    private TimeLimit(Runnable end) {
        this.end = end;
    }

    /**
     * Starts the clock.
     *
     * @param limit the time after which the work is ended; empty for no limit
     * @param end ends the work; called once at most, by another thread
     */
    static TimeLimit start(Optional<Duration> limit, Runnable end) {
        TimeLimit started = new TimeLimit(end);
        limit.ifPresent(time ->
                started.clock = Thread.ofVirtual().name("lem-server-limit").start(() -> started.expireAfter(time)));
        return started;
    }

    private void expireAfter(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException done) {
            return;
        }
        expire();
    }

    private synchronized void expire() {
        if (!done) {
            over = true;
            end.run();
        }
    }

    /** Whether the work was ended. */
    synchronized boolean isOver() {
        return over;
    }

    @Override
    public void close() {
        synchronized (this) {
            done = true;
        }
        if (clock != null) {
            clock.interrupt();
        }
    }
}
