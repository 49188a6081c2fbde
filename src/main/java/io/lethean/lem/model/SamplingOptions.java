package io.lethean.lem.model;

import static io.lethean.lem.model.OptionRange.require;

import java.util.Objects;
import java.util.OptionalLong;

/**
 * How the next token is chosen from the logits.
 *
 * <p>The defaults are greedy decoding. llama.cpp's own command line differs: temperature 0.8, top-k 40, top-p 0.95, min-p
 * 0.05.
 *
 * @param temperature 0 takes the most likely token; above 0 the logits are divided by it; default 0 (mlx-lm 0,
 *     llama.cpp 0.8)
 * @param topK keep the k most likely tokens, 0 keeps all; default 0 (mlx-lm 0, llama.cpp 40)
 * @param topP nucleus sampling: keep the most likely tokens with probabilities that reach this sum, 1 keeps all; default 1 (mlx-lm 1,
 *     llama.cpp 0.95)
 * @param minP keep tokens at least this share as likely as the most likely one, 0 keeps all; default 0 (mlx-lm 0,
 *     llama.cpp 0.05)
 * @param repeatPenalty divides positive logits of recent tokens and multiplies negative ones; 1 is off; default 1 in
 *     mlx-lm and llama.cpp as well
 * @param repeatLastN how many of the last tokens, prompt included, the penalty looks at; default 64 as in llama.cpp
 *     (mlx-lm 20)
 * @param seed of the random choice; the same seed gives the same text on the same machine and build; if empty, each
 *     generation uses a new random seed
 */
public record SamplingOptions(
        double temperature,
        int topK,
        double topP,
        double minP,
        double repeatPenalty,
        int repeatLastN,
        OptionalLong seed) {

    /** Greedy decoding without a repeat penalty. */
    public static final SamplingOptions GREEDY = new SamplingOptions(0, 0, 1, 0, 1, 64, OptionalLong.empty());

    private static final int MAX_LAST_N = 1 << 20;

    public SamplingOptions {
        Objects.requireNonNull(seed, "seed");
        require(
                Double.isFinite(temperature) && temperature >= 0,
                "temperature",
                temperature,
                "finite and not negative");
        require(topK >= 0, "topK", topK, "0 (all tokens) or more");
        require(topP > 0 && topP <= 1, "topP", topP, "above 0 and at most 1");
        require(minP >= 0 && minP <= 1, "minP", minP, "between 0 and 1");
        require(Double.isFinite(repeatPenalty) && repeatPenalty > 0, "repeatPenalty", repeatPenalty, "above 0");
        require("repeatLastN", repeatLastN, 0, MAX_LAST_N);
    }

    /** Whether the most likely token is always taken and no penalty changes the logits. */
    boolean takesTheBest() {
        return temperature == 0 && repeatPenalty == 1;
    }
}
