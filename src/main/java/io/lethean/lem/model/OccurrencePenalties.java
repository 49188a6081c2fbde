package io.lethean.lem.model;

import java.util.HashMap;
import java.util.Map;

/**
 * The presence and frequency penalties of OpenAI's API: a token that was generated {@code count} times loses {@code presence +
 * count * frequency} of its logit. The tokens of the prompt do not count. One serves one generation.
 */
final class OccurrencePenalties {

    private final double presence;
    private final double frequency;
    private final Map<Integer, Integer> counts = new HashMap<>();
    private int counted;

    OccurrencePenalties(double presence, double frequency) {
        this.presence = presence;
        this.frequency = frequency;
    }

    /** @param history grows from call to call */
    void applyTo(float[] scores, TokenHistory history) {
        if (presence == 0 && frequency == 0) {
            return;
        }
        while (counted < history.generatedCount()) {
            counts.merge(history.generated(counted++), 1, Integer::sum);
        }
        counts.forEach((token, count) -> scores[token] = (float) (scores[token] - (presence + count * frequency)));
    }
}
