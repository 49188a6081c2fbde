package io.lethean.lem.evaluation.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RateLimitTest {

    private static final long START = Long.MAX_VALUE - 50;

    private final AtomicLong clock = new AtomicLong(START);
    private final RateLimit limit = new RateLimit(Duration.ofNanos(100), clock::get);

    @Test
    void requestsThatComeTogetherGetOneSlotAfterTheOther() {
        assertThat(limit.nanosToWait()).isZero();
        assertThat(limit.nanosToWait()).isEqualTo(100);
        clock.addAndGet(30);
        assertThat(limit.nanosToWait()).isEqualTo(170);
    }

    @Test
    void aPauseDoesNotSaveUpSlots() {
        assertThat(limit.nanosToWait()).isZero();
        clock.addAndGet(1_000);
        assertThat(limit.nanosToWait()).isZero();
        assertThat(limit.nanosToWait()).isEqualTo(100);
    }

    @Test
    void noIntervalNeverWaits() {
        RateLimit none = new RateLimit(Duration.ZERO, clock::get);
        assertThat(none.nanosToWait()).isZero();
        assertThat(none.nanosToWait()).isZero();
    }
}
