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
 */
public final class ProbeScores {

    private final Map<String, List<Double>> byProbe = new LinkedHashMap<>();
    private int unscored;

    /** No scores yet. */
    public ProbeScores() {}

    /** Adds the score of one answer; an empty one is unscored. */
    public ProbeScores add(String probe, OptionalDouble score) {
        if (score.isPresent()) {
            byProbe.computeIfAbsent(probe, p -> new ArrayList<>()).add(score.getAsDouble());
        } else {
            unscored++;
        }
        return this;
    }

    /** Answers without a score. */
    public int unscored() {
        return unscored;
    }

    /** The mean score of each probe that has one, in the order of arrival. */
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
