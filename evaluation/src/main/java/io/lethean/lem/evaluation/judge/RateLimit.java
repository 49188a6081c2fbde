package io.lethean.lem.evaluation.judge;

import java.time.Duration;

/** Gives each request a time slot, one interval after the one before; safe for use by several threads. */
final class RateLimit {

    private final long intervalNanos;
    private long nextSlot = System.nanoTime();

    RateLimit(Duration interval) {
        intervalNanos = interval.toNanos();
    }

    /** Waits for this request's slot. */
    void await() throws InterruptedException {
        long wait = takeSlot() - System.nanoTime();
        if (wait > 0) {
            Thread.sleep(Duration.ofNanos(wait));
        }
    }

    private synchronized long takeSlot() {
        long slot = Math.max(nextSlot, System.nanoTime());
        nextSlot = slot + intervalNanos;
        return slot;
    }
}
