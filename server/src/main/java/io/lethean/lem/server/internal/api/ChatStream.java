package io.lethean.lem.server.internal.api;

import io.lethean.lem.ToolCall;
import io.lethean.lem.model.AnswerParser;
import io.lethean.lem.model.AnswerParts;
import io.lethean.lem.model.Generation;
import io.lethean.lem.server.internal.http.EventStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Sends the choices of a chat as they grow. A call of a tool is sent when it is complete. */
final class ChatStream implements Answering.Listener {

    private final ServedModel served;
    private final ChatRequest request;
    private final AnswerParser parser;
    private final EventStream events;
    private final String id = ServedModel.id("chatcmpl-");
    private final long created = ServedModel.now();
    private final List<Choice> choices = new ArrayList<>();
    private final List<Generation> answers = new ArrayList<>();

    ChatStream(ServedModel served, ChatRequest request, AnswerParser parser, EventStream events) {
        this.served = served;
        this.request = request;
        this.parser = parser;
        this.events = events;
        request.choices().forEach(choice -> choices.add(new Choice()));
    }

    /** What was sent of a choice. */
    private static final class Choice {
        private final StringBuilder text = new StringBuilder();
        private boolean begun;
        private int content;
        private int thinking;
        private int calls;
    }

    @Override
    public void text(int index, String piece) throws IOException {
        Choice choice = choices.get(index);
        choice.text.append(piece);
        send(index, ChatParts.limited(parser.parseSoFar(choice.text.toString()), request.oneCall()));
    }

    @Override
    public void end(int index, Generation answer) throws IOException {
        AnswerParts parts = ChatParts.of(parser, answer, request.oneCall());
        send(index, parts);
        answers.add(answer);
        if (request.logprobs()) {
            ObjectNode logprobs = new TokenTexts(served.model()).chat(answer.logprobs());
            sendChunk(index, delta -> delta.put("content", ""), null, choice -> choice.set("logprobs", logprobs));
        }
        sendChunk(index, delta -> {}, ChatParts.reason(answer, parts), choice -> Finish.putDetail(choice, answer));
    }

    /** The end of the stream, after all choices. */
    void done() throws IOException {
        if (request.stream().usage()) {
            ObjectNode chunk = served.object(id, "chat.completion.chunk", created);
            chunk.putArray("choices");
            Finish.putUsage(chunk, answers, answers.size());
            events.send(chunk);
        }
        events.done();
    }

    /** Sends what is new. */
    private void send(int index, AnswerParts parts) throws IOException {
        Choice choice = choices.get(index);
        if (!choice.begun) {
            choice.begun = true;
            sendDelta(index, delta -> delta.put("role", "assistant").put("content", ""));
        }
        String thinking = parts.thinking().orElse("");
        if (thinking.length() > choice.thinking) {
            String more = thinking.substring(choice.thinking);
            choice.thinking = thinking.length();
            sendDelta(index, delta -> delta.put("reasoning_content", more));
        }
        if (parts.content().length() > choice.content) {
            String more = parts.content().substring(choice.content);
            choice.content = parts.content().length();
            sendDelta(index, delta -> delta.put("content", more));
        }
        for (; choice.calls < parts.toolCalls().size(); choice.calls++) {
            ToolCall call = parts.toolCalls().get(choice.calls);
            int place = choice.calls;
            sendDelta(index, delta -> {
                ObjectNode node = delta.putArray("tool_calls").addObject();
                node.put("index", place);
                ChatParts.putCall(node, call);
            });
        }
    }

    private void sendDelta(int index, Consumer<ObjectNode> delta) throws IOException {
        sendChunk(index, delta, null, choice -> {});
    }

    private void sendChunk(int index, Consumer<ObjectNode> delta, @Nullable String reason, Consumer<ObjectNode> more)
            throws IOException {
        ObjectNode chunk = served.object(id, "chat.completion.chunk", created);
        ObjectNode choice = chunk.putArray("choices").addObject();
        choice.put("index", index);
        delta.accept(choice.putObject("delta"));
        choice.putNull("logprobs");
        choice.put("finish_reason", reason);
        more.accept(choice);
        if (request.stream().usage()) {
            chunk.putNull("usage");
        }
        events.send(chunk);
    }
}
