package io.lethean.lem.model;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** How long calls with a number of rows took lately, as medians. Confined to the model's thread. */
final class CallTimes {

    private static final int KEPT = 15;
    /** Fewer calls are not reliable: other processes may have delayed them. */
    private static final int ENOUGH = 3;
    /** After so many steps a time is old: other processes may have delayed all of those calls. */
    private static final int OLD = 64;

    private final Map<Integer, Last> last = new HashMap<>();
    private long steps;

    void add(int rows, long nanos) {
        steps += rows == 1 ? 1 : 0;
        last.computeIfAbsent(rows, key -> new Last()).add(nanos, steps);
    }

    /** The median in nanoseconds; 0 if there was no such call. */
    long median(int rows) {
        Last times = last.get(rows);
        return times == null ? 0 : times.median();
    }

    /** Whether the median can be relied on: there were enough calls, the last one not long ago. */
    boolean isReliable(int rows) {
        Last times = last.get(rows);
        return times != null && times.count >= ENOUGH && steps - times.atStep < OLD;
    }

    private static final class Last {
        private final long[] nanos = new long[KEPT];
        private int count;
        private long atStep;

        void add(long value, long step) {
            atStep = step;
            nanos[count++ % KEPT] = value;
        }

        long median() {
            long[] sorted = Arrays.copyOf(nanos, Math.min(count, KEPT));
            Arrays.sort(sorted);
            return sorted[sorted.length / 2];
        }
    }
}
