package io.lethean.lem.model;

import static io.lethean.lem.model.OptionRange.require;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * How the next token is chosen from the logits.
 *
 * <p>The defaults are greedy decoding. llama.cpp's own command line differs: temperature 0.8, top-k 40, top-p 0.95, min-p
 * 0.05.
 *
 * <p>The steps, in this order:
 * <ol>
 *   <li>a grammar or JSON Schema rules tokens out;
 *   <li>logit bias is added, and tokens that the model's file suppresses are ruled out;
 *   <li>the repeat penalty, then the frequency and presence penalties change logits;
 *   <li>at temperature 0 the highest logit wins, and the filters are not used. Otherwise top-k, typical-p, top-p and min-p keep
 *       tokens by their probabilities at temperature 1; the logits of those that remain are divided by the temperature, and a
 *       token is drawn by their softmax.
 * </ol>
 * This is the order of llama.cpp's default chain: penalties, top-k, typical-p, top-p, min-p, temperature. In both, min-p does not
 * depend on the temperature. llama.cpp applies typical-p at temperature 0 as well, and may then not take the most likely token.
 *
 * @param temperature 0 takes the most likely token; above 0 the logits are divided by it; default 0 (mlx-lm 0,
 *     llama.cpp 0.8)
 * @param topK keep the k most likely tokens, 0 keeps all; default 0 (mlx-lm 0, llama.cpp 40)
 * @param typicalP locally typical sampling: keep the tokens with an information content {@code -log(p)} nearest to the entropy
 *     {@code -sum(p * log(p))}, until their probabilities exceed this sum; 1 keeps all. By C. Meister, T. Pimentel, G. Wiher and
 *     R. Cotterell, "Locally Typical Sampling", TACL 2023. Default 1 as in llama.cpp (mlx-lm does not have it)
 * @param topP nucleus sampling: keep the most likely tokens with probabilities that reach this sum, 1 keeps all; default 1 (mlx-lm 1,
 *     llama.cpp 0.95)
 * @param minP keep tokens at least this share as likely as the most likely one, 0 keeps all; default 0 (mlx-lm 0,
 *     llama.cpp 0.05)
 * @param repeatPenalty divides positive logits of recent tokens and multiplies negative ones; 1 is off; default 1 in
 *     mlx-lm and llama.cpp as well
 * @param repeatLastN how many of the last tokens, prompt included, the repeat penalty looks at; default 64 as in llama.cpp
 *     (mlx-lm 20)
 * @param presencePenalty is subtracted once from the logit of each token that the text has, and a negative one added; default
 *     0. As in OpenAI's API, which allows -2 to 2, all generated tokens count and the prompt's do not. llama.cpp counts the last
 *     {@code repeatLastN} tokens, prompt included
 * @param frequencyPenalty is subtracted from the logit of each token as often as the text has it; default 0. Counts as the
 *     presence penalty does
 * @param logitBias what is added to the logits of tokens, by id; minus infinity means never. Iterates in rising order of the
 *     ids. Default empty. OpenAI's API allows -100 to 100. A token outside the vocabulary is refused when the generation begins
 * @param seed of the random choice; the same seed gives the same text on the same machine and build; if empty, each
 *     generation draws a seed, and {@link Generation#seed()} says which
 */
public record SamplingOptions(
        double temperature,
        int topK,
        double typicalP,
        double topP,
        double minP,
        double repeatPenalty,
        int repeatLastN,
        double presencePenalty,
        double frequencyPenalty,
        Map<Integer, Double> logitBias,
        OptionalLong seed) {

    /** Greedy decoding without penalties or bias. */
    public static final SamplingOptions GREEDY =
            new SamplingOptions(0, 0, 1, 1, 0, 1, 64, 0, 0, Map.of(), OptionalLong.empty());

    private static final int MAX_LAST_N = 1 << 20;
    /** A bound far above any difference of logits, so that sums stay in the range of {@code float}. */
    private static final double MAX_PENALTY = 1000;

    /**
     * Checks the values and copies the map.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public SamplingOptions {
        Objects.requireNonNull(seed, "seed");
        require(
                Double.isFinite(temperature) && temperature >= 0,
                "temperature",
                temperature,
                "finite and not negative");
        require(topK >= 0, "topK", topK, "0 (all tokens) or more");
        require(typicalP > 0 && typicalP <= 1, "typicalP", typicalP, "above 0 and at most 1");
        require(topP > 0 && topP <= 1, "topP", topP, "above 0 and at most 1");
        require(minP >= 0 && minP <= 1, "minP", minP, "between 0 and 1");
        require(Double.isFinite(repeatPenalty) && repeatPenalty > 0, "repeatPenalty", repeatPenalty, "above 0");
        require("repeatLastN", repeatLastN, 0, MAX_LAST_N);
        requirePenalty("presencePenalty", presencePenalty);
        requirePenalty("frequencyPenalty", frequencyPenalty);
        logitBias = Collections.unmodifiableMap(new TreeMap<>(logitBias));
        logitBias.forEach(SamplingOptions::requireBias);
    }

    private static void requirePenalty(String name, double penalty) {
        require(Math.abs(penalty) <= MAX_PENALTY, name, penalty, "between -1000 and 1000");
    }

    private static void requireBias(int token, double value) {
        require(token >= 0, "logitBias", "for token " + token, "for token 0 or a later one");
        require(
                value == Double.NEGATIVE_INFINITY || Math.abs(value) <= MAX_PENALTY,
                "logitBias",
                value + " for token " + token,
                "between -1000 and 1000, or -Infinity, which rules the token out");
    }

    /** Whether the most likely token is always taken, and no bias or penalty changes the logits. */
    boolean takesTheBest() {
        return temperature == 0
                && repeatPenalty == 1
                && presencePenalty == 0
                && frequencyPenalty == 0
                && logitBias.isEmpty();
    }
}
