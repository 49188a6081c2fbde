package io.lethean.lem.model;

import java.util.Arrays;

/**
 * Tokens with their scores, as filters narrow them down.
 *
 * <p>A heap brings up the best one by one, so that a filter that keeps few of a large vocabulary need not sort it.
 */
final class Candidates {

    private final float[] scores;
    private final float best;
    /** The first {@code size} are the candidates, a heap or, once {@code sorted}, in falling order. */
    private int[] tokens;

    private int size;
    private boolean sorted;

    private Candidates(float[] scores, int[] tokens, int size, float best) {
        this.scores = scores;
        this.tokens = tokens;
        this.size = size;
        this.best = best;
    }

    /** All tokens with a logit at most {@code distance} below the best. */
    static Candidates above(float[] scores, double distance) {
        float best = scores[Logits.argmax(scores)];
        int[] tokens = new int[scores.length];
        int size = 0;
        for (int token = 0; token < scores.length; token++) {
            if (scores[token] >= best - distance) {
                tokens[size++] = token;
            }
        }
        return new Candidates(scores, tokens, size, best);
    }

    /** Keeps the {@code count} best. */
    void keepBest(int count) {
        sort(Math.min(count, size));
    }

    /** Keeps the shortest list of the best with probabilities that reach {@code mass}, one at least. */
    void keepMass(double mass) {
        double total = 0;
        for (int i = 0; i < size; i++) {
            total += weight(tokens[i], 1);
        }
        if (sorted) {
            size = massOfSorted(mass * total);
        } else {
            sortUntil(mass * total);
        }
    }

    private int massOfSorted(double enough) {
        double sum = 0;
        int kept = 0;
        while (kept < size && sum < enough) {
            sum += weight(tokens[kept++], 1);
        }
        return Math.max(1, kept);
    }

    /** Keeps those with a logit at most {@code -logShare} below the best. */
    void keepAbove(double logShare) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (scores[tokens[i]] >= best + logShare) {
                tokens[kept++] = tokens[i];
            }
        }
        size = kept;
    }

    int[] tokens() {
        return Arrays.copyOf(tokens, size);
    }

    /** Unnormalized probabilities of {@link #tokens()}. */
    double[] weights(double temperature) {
        double[] weights = new double[size];
        for (int i = 0; i < size; i++) {
            weights[i] = weight(tokens[i], temperature);
        }
        return weights;
    }

    private double weight(int token, double temperature) {
        return Math.exp(((double) scores[token] - best) / temperature);
    }

    private void sort(int count) {
        int[] ordered = new int[count];
        heapify();
        for (int i = 0; i < count; i++) {
            ordered[i] = pop();
        }
        replace(ordered, count);
    }

    private void sortUntil(double enough) {
        int[] ordered = new int[size];
        double sum = 0;
        int kept = 0;
        heapify();
        while (size > 0 && (kept == 0 || sum < enough)) {
            ordered[kept] = pop();
            sum += weight(ordered[kept++], 1);
        }
        replace(ordered, kept);
    }

    private void replace(int[] ordered, int count) {
        tokens = ordered;
        size = count;
        sorted = true;
    }

    private void heapify() {
        for (int i = size / 2 - 1; i >= 0; i--) {
            sink(i);
        }
    }

    private int pop() {
        int top = tokens[0];
        tokens[0] = tokens[--size];
        sink(0);
        return top;
    }

    private void sink(int from) {
        int at = from;
        while (true) {
            int child = 2 * at + 1;
            if (child >= size) {
                return;
            }
            if (child + 1 < size && before(tokens[child + 1], tokens[child])) {
                child++;
            }
            if (before(tokens[at], tokens[child])) {
                return;
            }
            int swapped = tokens[at];
            tokens[at] = tokens[child];
            tokens[child] = swapped;
            at = child;
        }
    }

    private boolean before(int token, int other) {
        return scores[token] > scores[other] || scores[token] == scores[other] && token < other;
    }
}
