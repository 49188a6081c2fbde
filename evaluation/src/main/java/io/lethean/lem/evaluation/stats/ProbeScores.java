package io.lethean.lem.evaluation.stats;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The scores of one condition, by probe.
 *
 * <p>A probe that was answered several times counts once, with the mean of its answers: answers to one probe resemble
 * each other, and counting each would make intervals too short. Unscored answers are counted apart and enter no mean.
 * A score that is NaN, infinite or beyond 1e100 counts as unscored, because no mean or interval can be computed with
 * it.
 */
public final class ProbeScores {

    private final Map<String, List<Double>> byProbe = new LinkedHashMap<>();
    private int unscored;
    private boolean onlyVerdicts = true;
    private boolean severalAnswers;

    private static final double LARGEST = 1e100;

    /** No scores yet. */
    public ProbeScores() {}

    /**
     * {@return whether means and intervals can be computed with a score}
     *
     * @param score any number
     */
    public static boolean isUsable(double score) {
        return Math.abs(score) <= LARGEST;
    }

    /**
     * Adds the score of one answer; an empty or unusable one is unscored.
     *
     * @param probe the id of the probe
     * @param score the score; empty if the answer is unscored
     * @return these scores
     */
    public ProbeScores add(String probe, OptionalDouble score) {
        if (score.isPresent() && isUsable(score.getAsDouble())) {
            put(probe, score.getAsDouble());
            onlyVerdicts = false;
        } else {
            unscored++;
        }
        return this;
    }

    /**
     * Adds a verdict on one answer: 1 if it is right, 0 if it is wrong.
     *
     * @param probe the id of the probe
     * @param right the verdict
     * @return these scores
     */
    public ProbeScores addVerdict(String probe, boolean right) {
        put(probe, right ? 1 : 0);
        return this;
    }

    private void put(String probe, double score) {
        List<Double> scores = byProbe.computeIfAbsent(probe, p -> new ArrayList<>());
        severalAnswers |= !scores.isEmpty();
        scores.add(score);
    }

    /** Whether all scores are verdicts, and no probe has more than one. */
    boolean isOneVerdictEach() {
        return onlyVerdicts && !severalAnswers;
    }

    /** {@return answers without a score} */
    public int unscored() {
        return unscored;
    }

    /** {@return the mean score of each probe that has one, in the order of arrival} */
    public Map<String, Double> means() {
        Map<String, Double> means = new LinkedHashMap<>();
        byProbe.forEach((probe, scores) -> means.put(
                probe, scores.stream().mapToDouble(Double::doubleValue).sum() / scores.size()));
        return Collections.unmodifiableMap(means);
    }

    double[] values() {
        return means().values().stream().mapToDouble(Double::doubleValue).toArray();
    }
}
