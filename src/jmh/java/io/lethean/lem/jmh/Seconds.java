package io.lethean.lem.jmh;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;

/** Times of one kind of work, one per round. */
final class Seconds {

    private static final double NANOS = 1e9;

    private final List<Double> rounds = new ArrayList<>();

    /** Does the work and adds the time that it took. */
    <T> T measure(Callable<T> work) throws Exception {
        long start = System.nanoTime();
        T result = work.call();
        add((System.nanoTime() - start) / NANOS);
        return result;
    }

    void add(double seconds) {
        rounds.add(seconds);
    }

    double last() {
        return rounds.getLast();
    }

    double median() {
        return median(rounds);
    }

    /** The median of the ratios to the other work's time in the same round, and the least and the largest. */
    String ratioTo(Seconds other) {
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round < rounds.size(); round++) {
            ratios.add(rounds.get(round) / other.rounds.get(round));
        }
        List<Double> sorted = ratios.stream().sorted().toList();
        return String.format(Locale.ROOT, "%.3f [%.3f, %.3f]", median(ratios), sorted.getFirst(), sorted.getLast());
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
