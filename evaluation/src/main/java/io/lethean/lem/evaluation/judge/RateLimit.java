package io.lethean.lem.evaluation.judge;

import java.time.Duration;
import java.util.function.LongSupplier;

/** Gives each request a time slot, one interval after the one before; safe for use by several threads. */
final class RateLimit {

    private final long intervalNanos;
    private final LongSupplier clock;
    private long nextSlot;

    RateLimit(Duration interval) {
        this(interval, System::nanoTime);
    }

    /** A limit by the given clock of nanoseconds. */
    RateLimit(Duration interval, LongSupplier clock) {
        intervalNanos = interval.toNanos();
        this.clock = clock;
        nextSlot = clock.getAsLong();
    }

    /** Waits for this request's slot. */
    void await() throws InterruptedException {
        long wait = nanosToWait();
        if (wait > 0) {
            Thread.sleep(Duration.ofNanos(wait));
        }
    }

    /** Takes the next slot; the nanoseconds until it begins, 0 if it is now. */
    synchronized long nanosToWait() {
        long now = clock.getAsLong();
        long slot = now - nextSlot > 0 ? now : nextSlot;
        nextSlot = slot + intervalNanos;
        return slot - now;
    }
}
