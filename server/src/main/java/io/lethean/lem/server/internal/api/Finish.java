package io.lethean.lem.server.internal.api;

import io.lethean.lem.model.FinishReason;
import io.lethean.lem.model.Generation;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Why an answer ended and what it took, in OpenAI's words. */
final class Finish {

    private Finish() {}

    /** {@code stop} or {@code length}. */
    static String reason(Generation answer) {
        return answer.finishReason().isLimit() ? "length" : "stop";
    }

    /** Says more than OpenAI's word does where there is more to say, under the name that vLLM uses. */
    static void putDetail(ObjectNode choice, Generation answer) {
        if (answer.stopSequence().isPresent()) {
            choice.put("stop_reason", answer.stopSequence().get());
        } else if (answer.finishReason() == FinishReason.CONTEXT_FULL) {
            choice.put("stop_reason", "context_full");
        } else if (answer.finishReason() == FinishReason.TIME_LIMIT) {
            choice.put("stop_reason", "time_limit");
        }
    }

    /**
     * Puts the tokens of a request into its answer.
     *
     * @param answers all answers
     * @param choices how many of them each prompt has, one after the other
     */
    static void putUsage(ObjectNode body, List<Generation> answers, int choices) {
        long prompt = 0;
        long cached = 0;
        long generated = 0;
        for (int i = 0; i < answers.size(); i++) {
            Generation answer = answers.get(i);
            generated += answer.generatedTokens();
            if (i % choices == 0) {
                prompt += answer.promptTokens();
                cached += answer.reusedTokens();
            }
        }
        putUsage(body, prompt, cached, generated);
    }

    static void putUsage(ObjectNode body, long prompt, long cached, long generated) {
        ObjectNode usage = body.putObject("usage");
        usage.put("prompt_tokens", prompt);
        usage.put("completion_tokens", generated);
        usage.put("total_tokens", prompt + generated);
        usage.putObject("prompt_tokens_details").put("cached_tokens", cached);
    }
}
