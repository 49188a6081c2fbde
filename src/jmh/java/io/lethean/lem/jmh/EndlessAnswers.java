package io.lethean.lem.jmh;

import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.LemModel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Options for greedy answers of a given length: the tokens that end a text are never chosen. */
final class EndlessAnswers {

    private static final double NEVER = Double.NEGATIVE_INFINITY;

    private EndlessAnswers() {}

    static GenerationOptions of(LemModel model, int tokens) {
        Map<Integer, Double> never = new HashMap<>();
        Stream.of("<|im_end|>", "<|endoftext|>", "</s>")
                .map(text -> model.tokenize(text, false, true))
                .filter(ids -> ids.size() == 1)
                .map(List::getFirst)
                .forEach(id -> never.put(id, NEVER));
        return GenerationOptions.builder().maxTokens(tokens).logitBias(never).build();
    }
}
