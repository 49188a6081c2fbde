package io.lethean.lem.model;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** How long calls with a number of rows took lately, as medians. Confined to the model's thread. */
final class CallTimes {

    private static final int KEPT = 15;

    private final Map<Integer, Last> last = new HashMap<>();

    void add(int rows, long nanos) {
        last.computeIfAbsent(rows, key -> new Last()).add(nanos);
    }

    /** The median in nanoseconds; 0 if there was no such call. */
    long median(int rows) {
        Last times = last.get(rows);
        return times == null ? 0 : times.median();
    }

    /** How many such calls are known, at most as many as are kept. */
    int count(int rows) {
        Last times = last.get(rows);
        return times == null ? 0 : Math.min(times.count, KEPT);
    }

    private static final class Last {
        private final long[] nanos = new long[KEPT];
        private int count;

        void add(long value) {
            nanos[count++ % KEPT] = value;
        }

        long median() {
            long[] sorted = Arrays.copyOf(nanos, Math.min(count, KEPT));
            Arrays.sort(sorted);
            return sorted[sorted.length / 2];
        }
    }
}
