package io.lethean.lem.evaluation.score;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The verdict of a {@link Scorer} on one answer.
 *
 * @param scorer the scorer's name
 * @param version the scorer's version
 * @param value the number that is compared and averaged; empty means unscored, which is neither 0 nor a middle value
 * @param details what led to the value, by its published names and in the published order; values are strings,
 *     booleans, {@code Long}, {@code Double} or null
 */
public record Score(String scorer, String version, OptionalDouble value, Map<String, Object> details) {

    /** Copies the map, so that later changes of it do not count. */
    public Score {
        details = Collections.unmodifiableMap(new LinkedHashMap<>(details));
    }
}
