package io.lethean.lem.model;

import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** What became of the requests of a {@link Soak}. Safe for use by several threads. */
final class SoakCounts {

    private static final int MOST_FAULTS = 20;

    private final AtomicInteger total = new AtomicInteger();
    private final Map<String, AtomicInteger> outcomes = new ConcurrentHashMap<>();
    private final Queue<String> faults = new ConcurrentLinkedQueue<>();

    /** Notes that a request of a kind has ended, and how. */
    void ended(String kind, String outcome) {
        total.incrementAndGet();
        outcomes.computeIfAbsent(kind + ": " + outcome, key -> new AtomicInteger())
                .incrementAndGet();
    }

    void fault(String text) {
        if (faults.size() < MOST_FAULTS) {
            faults.add(text);
        }
    }

    int total() {
        return total.get();
    }

    List<String> faults() {
        return List.copyOf(faults);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(outcomes)
                .forEach((outcome, count) -> text.append("  ")
                        .append(outcome)
                        .append(' ')
                        .append(count)
                        .append('\n'));
        return text.toString().stripTrailing();
    }
}
