package io.lethean.lem.server.internal.api;

import io.lethean.lem.model.AnswerParser;
import io.lethean.lem.model.AnswerParts;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.RenderedChat;
import io.lethean.lem.server.internal.http.Endpoint;
import io.lethean.lem.server.internal.http.EventStream;
import io.lethean.lem.server.internal.http.HttpCall;
import java.io.IOException;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v1/chat/completions}. */
final class ChatEndpoint implements Endpoint {

    private final ServedModel served;

    ChatEndpoint(ServedModel served) {
        this.served = served;
    }

    @Override
    public void handle(HttpCall call) throws IOException {
        ChatRequest request = ChatRequest.read(served, call.json());
        RenderedChat prompt = LibraryErrors.told(served, () -> served.model().render(request.prompt()));
        List<RenderedChat> choices =
                request.choices().stream().map(prompt::withOptions).toList();
        AnswerParser parser = prompt.answerParser();
        if (request.stream().stream()) {
            EventStream events = call.events();
            ChatStream stream = new ChatStream(served, request, parser, events);
            if (new Answering(served).stream(events, choices, stream)) {
                stream.done();
            }
            return;
        }
        List<Generation> answers = new Answering(served).complete(call, choices);
        call.respond(body(request, parser, answers));
    }

    private ObjectNode body(ChatRequest request, AnswerParser parser, List<Generation> answers) {
        ObjectNode body = served.object(ServedModel.id("chatcmpl-"), "chat.completion", ServedModel.now());
        ArrayNode choices = body.putArray("choices");
        for (int i = 0; i < answers.size(); i++) {
            Generation answer = answers.get(i);
            AnswerParts parts = parser.parse(answer).parts();
            ObjectNode choice = choices.addObject();
            choice.put("index", i);
            ChatParts.putMessage(choice.putObject("message"), parts);
            if (request.logprobs()) {
                choice.set("logprobs", new TokenTexts(served.model()).chat(answer.logprobs()));
            } else {
                choice.putNull("logprobs");
            }
            choice.put(
                    "finish_reason", ChatParts.reason(answer, !parts.toolCalls().isEmpty()));
            Finish.putDetail(choice, answer);
        }
        Finish.putUsage(body, answers, answers.size());
        return body;
    }
}
