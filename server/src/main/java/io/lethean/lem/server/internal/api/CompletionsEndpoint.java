package io.lethean.lem.server.internal.api;

import io.lethean.lem.model.Generation;
import io.lethean.lem.model.TokenLogprobs;
import io.lethean.lem.server.internal.http.Endpoint;
import io.lethean.lem.server.internal.http.EventStream;
import io.lethean.lem.server.internal.http.HttpCall;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v1/completions}. */
final class CompletionsEndpoint implements Endpoint {

    private final ServedModel served;

    CompletionsEndpoint(ServedModel served) {
        this.served = served;
    }

    @Override
    public void handle(HttpCall call) throws IOException {
        long begun = System.nanoTime();
        CompletionRequest request = CompletionRequest.read(served, call.json());
        List<List<TokenLogprobs>> scores = List.of();
        if (request.echo() && request.logprobs().isPresent()) {
            scores = PromptScores.of(
                    served, request.prompts(), request.logprobs().getAsInt(), begun);
            request = request.within(served.timeLeft(begun));
        }
        CompletionChoices choices = new CompletionChoices(served, request, scores);
        if (request.stream().stream()) {
            stream(call, request, choices);
            return;
        }
        List<Generation> answers =
                request.maxTokens() == 0 ? List.of() : new Answering(served).complete(call, request.generations());
        call.respond(body(request, choices, answers));
    }

    private void stream(HttpCall call, CompletionRequest request, CompletionChoices choices) throws IOException {
        EventStream events = call.events();
        CompletionStream stream = new CompletionStream(served, request, choices, events);
        if (request.maxTokens() == 0) {
            stream.promptsOnly();
            stream.done();
        } else if (new Answering(served).stream(events, request.generations(), stream)) {
            stream.done();
        }
    }

    private ObjectNode body(CompletionRequest request, CompletionChoices choices, List<Generation> answers) {
        ObjectNode body = served.object(ServedModel.id("cmpl-"), "text_completion", ServedModel.now());
        ArrayNode array = body.putArray("choices");
        for (int i = 0; i < request.prompts().size() * request.choices(); i++) {
            @Nullable Generation answer = answers.isEmpty() ? null : answers.get(i);
            choices.put(array.addObject(), i, answer);
        }
        if (answers.isEmpty()) {
            choices.putPromptUsage(body);
        } else {
            Finish.putUsage(body, answers, request.choices());
        }
        return body;
    }
}
