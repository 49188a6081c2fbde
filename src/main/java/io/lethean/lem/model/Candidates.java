package io.lethean.lem.model;

import java.util.Arrays;

/** Tokens with their scores, as filters narrow them down. */
final class Candidates {

    private final float[] scores;
    /** The highest score of a candidate. */
    private float best;
    /** The first {@code size} are the candidates; once {@code sorted}, in falling order of their scores. */
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
        keepFirst(this::isBetter, count, Double.POSITIVE_INFINITY);
        sorted = true;
    }

    /** Keeps the shortest list of the best with probabilities that reach {@code mass}, one at least. */
    void keepMass(double mass) {
        double enough = mass * totalWeight();
        if (sorted) {
            size = massOfSorted(enough);
        } else {
            keepFirst(this::isBetter, size, enough);
            sorted = true;
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

    /**
     * Keeps the shortest list of the most typical tokens with probabilities that exceed {@code mass}. A token is the more typical
     * the nearer {@code -log(probability)} is to the entropy of all candidates; the better one is first among equals.
     */
    void keepTypical(double mass) {
        double total = totalWeight();
        double logTotal = Math.log(total);
        double entropy = 0;
        double[] distance = new double[scores.length];
        for (int i = 0; i < size; i++) {
            double logProbability = (double) scores[tokens[i]] - best - logTotal;
            distance[tokens[i]] = logProbability;
            entropy -= Math.exp(logProbability) * logProbability;
        }
        for (int i = 0; i < size; i++) {
            distance[tokens[i]] = Math.abs(-distance[tokens[i]] - entropy);
        }
        TokenHeap.Order byDistance = (token, other) ->
                distance[token] < distance[other] || distance[token] == distance[other] && isBetter(token, other);
        keepFirst(byDistance, size, Math.nextUp(mass * total));
        sorted = false;
        best = scores[bestCandidate()];
    }

    private int bestCandidate() {
        int found = tokens[0];
        for (int i = 1; i < size; i++) {
            found = isBetter(tokens[i], found) ? tokens[i] : found;
        }
        return found;
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

    private double totalWeight() {
        double total = 0;
        for (int i = 0; i < size; i++) {
            total += weight(tokens[i], 1);
        }
        return total;
    }

    private double weight(int token, double temperature) {
        return Math.exp(((double) scores[token] - best) / temperature);
    }

    /** Keeps the first in an order: at most {@code count}, and no more than it takes for a sum of {@code enough} weight. */
    private void keepFirst(TokenHeap.Order order, int count, double enough) {
        TokenHeap heap = new TokenHeap(tokens, size, order);
        int[] first = new int[Math.min(count, size)];
        double sum = 0;
        int kept = 0;
        while (kept < first.length && (kept == 0 || sum < enough)) {
            first[kept] = heap.pop();
            sum += weight(first[kept++], 1);
        }
        tokens = first;
        size = kept;
    }

    private boolean isBetter(int token, int other) {
        return scores[token] > scores[other] || scores[token] == scores[other] && token < other;
    }
}
