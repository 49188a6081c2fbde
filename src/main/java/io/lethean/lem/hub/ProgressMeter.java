package io.lethean.lem.hub;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;

/** Tells a listener how a download proceeds, a few times a second, with the rate of the last seconds. */
final class ProgressMeter {

    private static final long INTERVAL = Duration.ofMillis(250).toNanos();
    private static final long WINDOW = Duration.ofSeconds(5).toNanos();
    private static final double NANOS_PER_SECOND = 1e9;

    private record Mark(long time, long done) {}

    private final HubListener listener;
    private final RemoteFile file;
    private final LongSupplier clock;
    private final Deque<Mark> marks = new ArrayDeque<>();

    ProgressMeter(HubListener listener, RemoteFile file, LongSupplier clock) {
        this.listener = listener;
        this.file = file;
        this.clock = clock;
    }

    /** Starts, or starts again, with what is there; what was measured before counts no longer. */
    void start(long done) {
        marks.clear();
        marks.add(new Mark(clock.getAsLong(), done));
        tell(done, 0, false);
    }

    void update(long done) {
        long now = clock.getAsLong();
        if (now - marks.getLast().time() < INTERVAL) {
            return;
        }
        marks.add(new Mark(now, done));
        while (marks.size() > 2 && now - marks.getFirst().time() > WINDOW) {
            marks.removeFirst();
        }
        Mark first = marks.getFirst();
        tell(done, Math.round((done - first.done()) * NANOS_PER_SECOND / (now - first.time())), false);
    }

    void complete() {
        tell(file.size(), 0, true);
    }

    private void tell(long done, long rate, boolean complete) {
        listener.onProgress(new HubProgress(file.name(), done, file.size(), rate, complete));
    }
}
