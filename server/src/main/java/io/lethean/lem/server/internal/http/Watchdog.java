package io.lethean.lem.server.internal.http;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Interrupts threads that wait too long for a peer. An interrupted read or write closes its connection. */
final class Watchdog implements AutoCloseable {

    private final ScheduledThreadPoolExecutor timer;

    Watchdog() {
        timer = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("lem-server-timer").factory());
        timer.setRemoveOnCancelPolicy(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** Interrupts this thread after a time, unless the watch is ended before. */
    Watch within(Duration time) {
        return new Watch(timer, Thread.currentThread(), time);
    }

    /** Runs an action after a time. */
    void after(Duration time, Runnable action) {
        Future<?> unused = timer.schedule(action, time.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        timer.shutdown();
    }

    /** A wait that may take a limited time. */
    static final class Watch implements AutoCloseable {

        private final Thread watched;
        private final Future<?> interrupt;
        private boolean ended;
        private boolean fired;

        private Watch(ScheduledThreadPoolExecutor timer, Thread watched, Duration time) {
            this.watched = watched;
            this.interrupt = timer.schedule(this::fire, time.toNanos(), TimeUnit.NANOSECONDS);
        }

        private synchronized void fire() {
            if (!ended) {
                fired = true;
                watched.interrupt();
            }
        }

        /** Ends the wait; afterwards the thread is not interrupted by it. */
        @Override
        public synchronized void close() {
            if (!ended) {
                ended = true;
                interrupt.cancel(false);
            }
        }

        /** Whether the time was over before the wait ended. */
        synchronized boolean fired() {
            return fired;
        }
    }
}
