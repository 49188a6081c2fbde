package io.lethean.lem.bench;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The scores of one probe.
 *
 * @param id the probe's id; may be empty
 * @param category the probe's category
 * @param scores {@code lek_score} by condition, in the order of the conditions
 */
public record ScoredProbe(String id, String category, Map<String, Double> scores) {

    public ScoredProbe {
        scores = Collections.unmodifiableMap(new LinkedHashMap<>(scores));
    }
}
