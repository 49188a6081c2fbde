package io.lethean.lem.server.internal.api;

import io.lethean.lem.model.Generation;
import io.lethean.lem.model.TokenLogprobs;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** The choices of a completion in OpenAI's shape. */
final class CompletionChoices {

    private final ServedModel served;
    private final CompletionRequest request;
    private final List<List<TokenLogprobs>> scores;

    /** @param scores of each prompt, if the prompts are shown with log-probabilities; else empty */
    CompletionChoices(ServedModel served, CompletionRequest request, List<List<TokenLogprobs>> scores) {
        this.served = served;
        this.request = request;
        this.scores = scores;
    }

    private CompletionPrompt prompt(int index) {
        return request.prompts().get(index / request.choices());
    }

    /** What a choice begins with. */
    String beginning(int index) {
        return request.echo() ? prompt(index).text() : "";
    }

    /** @param answer null if nothing was generated */
    void put(ObjectNode choice, int index, @Nullable Generation answer) {
        choice.put("index", index);
        choice.put("text", beginning(index) + (answer == null ? "" : answer.text()));
        putEnd(choice, index, answer);
    }

    /** What a choice has in addition to its text. */
    void putEnd(ObjectNode choice, int index, @Nullable Generation answer) {
        if (request.logprobs().isPresent()) {
            choice.set("logprobs", logprobs(index, answer));
        } else {
            choice.putNull("logprobs");
        }
        choice.put("finish_reason", answer == null ? "length" : Finish.reason(answer));
        if (answer != null) {
            Finish.putDetail(choice, answer);
        }
    }

    private ObjectNode logprobs(int index, @Nullable Generation answer) {
        boolean withTop = request.logprobs().orElse(0) > 0;
        TokenTexts.Completion part = new TokenTexts(served.model()).new Completion();
        if (request.echo()) {
            part.addFirst(prompt(index).tokens().getFirst());
            scores.get(index / request.choices()).forEach(each -> part.add(each, withTop));
        }
        if (answer != null) {
            answer.logprobs().forEach(each -> part.add(each, withTop));
        }
        return part.json(beginning(index) + (answer == null ? "" : answer.text()));
    }

    /** The tokens of prompts for which nothing was generated. */
    void putPromptUsage(ObjectNode body) {
        long tokens = request.prompts().stream()
                .mapToLong(prompt -> prompt.tokens().size())
                .sum();
        served.metrics().answered(tokens, 0, 0);
        Finish.putUsage(body, tokens, 0, 0);
    }
}
