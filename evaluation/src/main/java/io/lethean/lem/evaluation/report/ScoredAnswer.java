package io.lethean.lem.evaluation.report;

import io.lethean.lem.evaluation.score.AnswerFlag;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * A recorded answer with its score.
 *
 * @param text the answer; empty where only its score was recorded
 * @param score empty if it is unscored
 * @param verdict whether the score says right (1) or wrong (0)
 * @param signals the numbers that led to the score, by name
 * @param flags faults of the engine; none where the text was not recorded
 */
public record ScoredAnswer(
        String text, OptionalDouble score, boolean verdict, Map<String, Double> signals, Set<AnswerFlag> flags) {

    /** Copies the maps and sets, so that later changes of them do not count. */
    public ScoredAnswer {
        signals = Collections.unmodifiableMap(new LinkedHashMap<>(signals));
        flags = Set.copyOf(flags);
    }
}
