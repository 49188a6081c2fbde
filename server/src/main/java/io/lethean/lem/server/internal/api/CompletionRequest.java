package io.lethean.lem.server.internal.api;

import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.GenerationRequest;
import io.lethean.lem.server.internal.http.ApiError;
import io.lethean.lem.server.internal.http.Params;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A request to {@code /v1/completions}.
 *
 * @param prompts each has {@code choices} answers
 * @param choices how many answers a prompt gets
 * @param options how they are generated
 * @param maxTokens how many tokens are generated; 0 generates nothing
 * @param echo whether an answer begins with its prompt
 * @param logprobs how many of the most likely tokens are named for each, if log-probabilities are asked for
 * @param stream whether and how the answer is streamed
 */
record CompletionRequest(
        List<CompletionPrompt> prompts,
        int choices,
        GenerationOptions options,
        int maxTokens,
        boolean echo,
        OptionalInt logprobs,
        StreamOptions stream) {

    /** OpenAI's default. */
    private static final int DEFAULT_TOKENS = 16;

    private static final int MAX_TOP = 20;
    private static final int MAX_ANSWERS = 4096;

    static CompletionRequest read(ServedModel served, Params request) {
        served.requireModel(request);
        GenerationOptions.Builder builder = OptionsReader.read(served, request);
        int maxTokens = OptionsReader.maxTokens(request, 0).orElse(DEFAULT_TOKENS);
        builder.maxTokens(Math.max(1, maxTokens));
        OptionalInt logprobs = request.whole("logprobs", 0, MAX_TOP);
        logprobs.ifPresent(builder::logprobs);
        boolean echo = request.flag("echo").orElse(false);
        StreamOptions stream = StreamOptions.read(request);
        int choices = OptionsReader.choices(request);
        int best = request.whole("best_of", 1, OptionsReader.MAX_CHOICES).orElse(choices);
        if (best != choices) {
            throw ApiError.invalid("best_of", "best_of must be equal to n; this server does not choose among answers.");
        }
        if (request.text("suffix").filter(suffix -> !suffix.isEmpty()).isPresent()) {
            throw ApiError.invalid("suffix", "suffix is not supported; this server continues texts only.");
        }
        if (maxTokens == 0 && !echo) {
            throw ApiError.invalid("max_tokens", "max_tokens is 0 and echo is false, so the answer would be empty.");
        }
        if (echo && logprobs.isPresent() && builder.build().adapters().isPresent()) {
            throw ApiError.invalid(
                    "lora", "lora is for generated text; prompts are scored with the server's adapters.");
        }
        List<CompletionPrompt> prompts = CompletionPrompt.read(served, request);
        if ((long) prompts.size() * choices > MAX_ANSWERS) {
            throw ApiError.invalid("n", "The request asks for more than " + MAX_ANSWERS + " answers.");
        }
        Ignored.note(request);
        request.refuseOthers();
        return new CompletionRequest(prompts, choices, builder.build(), maxTokens, echo, logprobs, stream);
    }

    /** This request with another time limit, if there is one. */
    CompletionRequest within(Optional<Duration> limit) {
        GenerationOptions.Builder builder = options.toBuilder();
        limit.ifPresent(builder::timeLimit);
        return new CompletionRequest(prompts, choices, builder.build(), maxTokens, echo, logprobs, stream);
    }

    /** The requests to the model: for each prompt its choices, one after the other. */
    List<GenerationRequest.Tokens> generations() {
        List<GenerationRequest.Tokens> requests = new ArrayList<>();
        for (CompletionPrompt prompt : prompts) {
            for (int choice = 0; choice < choices; choice++) {
                requests.add(new GenerationRequest.Tokens(prompt.tokens(), OptionsReader.ofChoice(options, choice)));
            }
        }
        return requests;
    }
}
