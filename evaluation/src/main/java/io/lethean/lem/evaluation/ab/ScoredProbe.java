package io.lethean.lem.evaluation.ab;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The scores of one probe.
 *
 * @param id the probe's id; may be empty
 * @param category the probe's category
 * @param scores {@code lek_score} by condition, in the order of the conditions
 */
public record ScoredProbe(String id, String category, Map<String, Double> scores) {

    /** Copies the map, so that later changes of it do not count. */
    public ScoredProbe {
        scores = Collections.unmodifiableMap(new LinkedHashMap<>(scores));
    }

    /**
     * {@return one probe with the means of its samples; a condition counts the samples that have it}
     *
     * @param samples the scores of each sample of one probe
     */
    public static ScoredProbe mean(List<ScoredProbe> samples) {
        Map<String, List<Double>> byCondition = new LinkedHashMap<>();
        samples.forEach(sample -> sample.scores()
                .forEach((condition, score) -> byCondition
                        .computeIfAbsent(condition, name -> new ArrayList<>())
                        .add(score)));
        Map<String, Double> means = new LinkedHashMap<>();
        byCondition.forEach((condition, scores) ->
                means.put(condition, scores.stream().reduce(0.0, Double::sum) / scores.size()));
        return new ScoredProbe(samples.getFirst().id(), samples.getFirst().category(), means);
    }
}
