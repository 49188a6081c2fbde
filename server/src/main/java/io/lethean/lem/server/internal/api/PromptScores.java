package io.lethean.lem.server.internal.api;

import io.lethean.lem.model.TokenLogprobs;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The log-probabilities of the tokens of prompts. */
final class PromptScores {

    private PromptScores() {}

    /**
     * For each prompt, those of its tokens from the second on.
     *
     * @param top how many of the most likely tokens are named for each
     * @param begun when the request began, by {@link System#nanoTime}; its time limit is for all prompts
     * @throws io.lethean.lem.server.internal.http.ApiError if a prompt does not fit, or the server ends
     */
    static List<List<TokenLogprobs>> of(ServedModel served, List<CompletionPrompt> prompts, int top, long begun) {
        Map<List<Integer>, List<TokenLogprobs>> known = new HashMap<>();
        List<List<TokenLogprobs>> results = new ArrayList<>();
        for (CompletionPrompt prompt : prompts) {
            List<TokenLogprobs> scores = known.get(prompt.tokens());
            if (scores == null) {
                scores = Interruptible.run(
                        served, served.timeLeft(begun), () -> served.model().logprobs(prompt.tokens(), top));
                known.put(prompt.tokens(), scores);
            }
            results.add(scores);
        }
        return results;
    }
}
