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
    private void putEnd(ObjectNode choice, int index, @Nullable Generation answer) {
        if (request.logprobs().isPresent()) {
            TokenTexts.Completion part = promptTokens(index);
            if (answer != null) {
                add(part, answer.logprobs());
            }
            choice.set("logprobs", part.json(beginning(index) + (answer == null ? "" : answer.text())));
        } else {
            choice.putNull("logprobs");
        }
        putReason(choice, answer);
    }

    /** Why a choice ended. */
    void putReason(ObjectNode choice, @Nullable Generation answer) {
        choice.put("finish_reason", answer == null ? "length" : Finish.reason(answer));
        if (answer != null) {
            Finish.putDetail(choice, answer);
        }
    }

    /** The log-probabilities of a choice, with those of its prompt if that is shown. */
    TokenTexts.Completion promptTokens(int index) {
        TokenTexts.Completion part = new TokenTexts(served.model()).new Completion();
        if (request.echo() && request.logprobs().isPresent()) {
            part.addFirst(prompt(index).tokens().getFirst());
            add(part, scores.get(index / request.choices()));
        }
        return part;
    }

    /** Adds tokens that follow. */
    void add(TokenTexts.Completion part, List<TokenLogprobs> tokens) {
        boolean withTop = request.logprobs().orElse(0) > 0;
        tokens.forEach(each -> part.add(each, withTop));
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
