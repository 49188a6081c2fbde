package io.lethean.lem.model;

import java.util.List;

/**
 * What a model answered.
 *
 * @param text the continuation only; special tokens are never part of it
 * @param tokens the ids of the generated tokens in order, special ones included, without the one that ended the turn
 * @param finishReason why generation ended
 * @param promptTokens tokens of the prompt, beginning-of-sequence included
 * @param reusedTokens how many of them were not evaluated, because they were held from a prompt before
 * @param generatedTokens tokens that were generated, the one that ended the turn not counted
 * @param timings how long it took
 * @param specialTokensOnly true if tokens were generated and every one of them was a special token, so that the text is
 *     empty because of the model or the engine and not because of an empty answer
 */
public record Generation(
        String text,
        List<Integer> tokens,
        FinishReason finishReason,
        int promptTokens,
        int reusedTokens,
        int generatedTokens,
        Timings timings,
        boolean specialTokensOnly) {

    public Generation {
        tokens = List.copyOf(tokens);
    }

    /** Tokens of the prompt that were evaluated for this answer. */
    public int evaluatedTokens() {
        return promptTokens - reusedTokens;
    }
}
