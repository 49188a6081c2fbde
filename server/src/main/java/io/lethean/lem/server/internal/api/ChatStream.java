package io.lethean.lem.server.internal.api;

import io.lethean.lem.ToolCall;
import io.lethean.lem.model.AnswerParser;
import io.lethean.lem.model.AnswerParts;
import io.lethean.lem.model.AnswerStream;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.TokenLogprobs;
import io.lethean.lem.server.internal.http.EventStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Sends the choices of a chat as they grow. A call of a tool is sent when it is complete. Log-probabilities go with the
 * first event after their tokens.
 */
final class ChatStream implements Answering.Listener {

    private final ServedModel served;
    private final ChatRequest request;
    private final TokenTexts texts;
    private final EventStream events;
    private final String id = ServedModel.id("chatcmpl-");
    private final long created = ServedModel.now();
    private final List<Choice> choices = new ArrayList<>();
    private final List<Generation> answers = new ArrayList<>();

    ChatStream(ServedModel served, ChatRequest request, AnswerParser parser, EventStream events) {
        this.served = served;
        this.request = request;
        this.texts = new TokenTexts(served.model());
        this.events = events;
        request.choices().forEach(choice -> choices.add(new Choice(parser.stream())));
    }

    /** What was sent of a choice. */
    private static final class Choice {
        private final AnswerStream answer;
        private final List<TokenLogprobs> logprobs = new ArrayList<>();
        private int tokens;
        private boolean begun;
        private int calls;

        Choice(AnswerStream answer) {
            this.answer = answer;
        }
    }

    @Override
    public void text(int index, String piece, List<TokenLogprobs> tokens) throws IOException {
        Choice choice = choices.get(index);
        choice.logprobs.addAll(tokens);
        choice.tokens += tokens.size();
        send(index, choice.answer.add(piece));
    }

    @Override
    public void end(int index, Generation answer) throws IOException {
        Choice choice = choices.get(index);
        List<TokenLogprobs> all = answer.logprobs();
        choice.logprobs.addAll(all.subList(Math.min(choice.tokens, all.size()), all.size()));
        send(index, choice.answer.finish());
        answers.add(answer);
        if (!choice.logprobs.isEmpty()) {
            sendDelta(index, delta -> delta.put("content", ""));
        }
        String reason = ChatParts.reason(answer, choice.calls > 0);
        sendChunk(index, delta -> {}, reason, node -> Finish.putDetail(node, answer));
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
            sendChunk(index, delta -> delta.put("role", "assistant").put("content", ""), null, node -> {});
        }
        String thinking = parts.thinking().orElse("");
        if (!thinking.isEmpty()) {
            sendDelta(index, delta -> delta.put("reasoning_content", thinking));
        }
        if (!parts.content().isEmpty()) {
            sendDelta(index, delta -> delta.put("content", parts.content()));
        }
        for (ToolCall call : parts.toolCalls()) {
            int place = choice.calls++;
            sendDelta(index, delta -> {
                ObjectNode node = delta.putArray("tool_calls").addObject();
                node.put("index", place);
                ChatParts.putCall(node, call);
            });
        }
    }

    /** Sends what is new in an answer, with the log-probabilities that were not sent. */
    private void sendDelta(int index, Consumer<ObjectNode> delta) throws IOException {
        List<TokenLogprobs> waiting = choices.get(index).logprobs;
        ObjectNode logprobs = waiting.isEmpty() ? null : texts.chat(waiting);
        waiting.clear();
        sendChunk(index, delta, null, node -> {
            if (logprobs != null) {
                node.set("logprobs", logprobs);
            }
        });
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
