package io.lethean.lem.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What is added to the logits of certain tokens before anything else; minus infinity rules a token out. */
final class LogitBias {

    private final int[] tokens;
    private final double[] values;

    private LogitBias(Map<Integer, Double> bias) {
        tokens = bias.keySet().stream().mapToInt(Integer::intValue).toArray();
        values = bias.values().stream().mapToDouble(Double::doubleValue).toArray();
    }

    /**
     * The bias that options ask for, for a vocabulary.
     *
     * @param suppressed tokens that must never be generated
     * @throws IllegalArgumentException if a token is outside the vocabulary, or no token is left
     */
    static LogitBias of(Map<Integer, Double> wanted, int[] suppressed, int vocabularySize) {
        for (int token : wanted.keySet()) {
            if (token >= vocabularySize) {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT,
                        "logitBias names token %d, and the model's vocabulary has tokens 0 to %d.",
                        token,
                        vocabularySize - 1));
            }
        }
        Map<Integer, Double> bias = new TreeMap<>(wanted);
        Arrays.stream(suppressed).forEach(token -> bias.put(token, Double.NEGATIVE_INFINITY));
        long ruledOut = bias.values().stream()
                .filter(value -> value == Double.NEGATIVE_INFINITY)
                .count();
        if (ruledOut == vocabularySize) {
            throw new IllegalArgumentException(
                    "logitBias rules out every token of the model's vocabulary; leave one that can be generated.");
        }
        return new LogitBias(bias);
    }

    void addTo(float[] scores) {
        for (int i = 0; i < tokens.length; i++) {
            scores[tokens[i]] = (float) (scores[tokens[i]] + values[i]);
        }
    }
}
