package io.lethean.lem.server.internal.http;

import java.time.Duration;

/** The requests that are served now. Safe for use by several threads. */
final class ActiveRequests {

    private int count;

    /** Adds a request and returns how many there are. */
    synchronized int begin() {
        return ++count;
    }

    synchronized void end() {
        count--;
        notifyAll();
    }

    synchronized int count() {
        return count;
    }

    /** Waits until every request has ended, or a time is over. */
    synchronized void awaitEnd(Duration time) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toMillis(); count > 0 && left > 0; left = (end - System.nanoTime()) / 1_000_000) {
            wait(left);
        }
    }
}
