package io.lethean.lem.evaluation.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A probe and what was answered to it.
 *
 * @param id the probe's id, or {@code #} and its position if the file has no id
 * @param category the category; empty if the file has no category
 * @param prompt the question; empty if the file does not contain it
 * @param answers by condition; several where a probe was asked several times
 */
public record AnsweredProbe(String id, String category, String prompt, Map<String, List<ScoredAnswer>> answers) {

    /** Copies the map, so that later changes of it do not count. */
    public AnsweredProbe {
        answers = Collections.unmodifiableMap(new LinkedHashMap<>(answers));
    }

    /**
     * {@return the answers under a condition; none if it was not asked}
     *
     * @param condition the name of the condition
     */
    public List<ScoredAnswer> answers(String condition) {
        return answers.getOrDefault(condition, List.of());
    }
}
