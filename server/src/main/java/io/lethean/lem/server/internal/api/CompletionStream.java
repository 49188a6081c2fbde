package io.lethean.lem.server.internal.api;

import io.lethean.lem.model.Generation;
import io.lethean.lem.model.TokenLogprobs;
import io.lethean.lem.server.internal.http.EventStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Sends the choices of a completion as they grow, with the log-probabilities of each piece. */
final class CompletionStream implements Answering.Listener {

    private final ServedModel served;
    private final CompletionRequest request;
    private final CompletionChoices choices;
    private final EventStream events;
    private final String id = ServedModel.id("cmpl-");
    private final long created = ServedModel.now();
    private final Map<Integer, Choice> begun = new HashMap<>();
    private final @Nullable Generation[] answers;

    CompletionStream(ServedModel served, CompletionRequest request, CompletionChoices choices, EventStream events) {
        this.served = served;
        this.request = request;
        this.choices = choices;
        this.events = events;
        this.answers = new @Nullable Generation[request.prompts().size() * request.choices()];
    }

    /** What was sent of a choice. */
    private static final class Choice {
        private final TokenTexts.Completion logprobs;
        private int tokens;

        /** @param logprobs those that were not sent */
        Choice(TokenTexts.Completion logprobs) {
            this.logprobs = logprobs;
        }
    }

    @Override
    public void text(int index, String piece, List<TokenLogprobs> tokens) throws IOException {
        Choice choice = begin(index);
        choice.tokens += tokens.size();
        choices.add(choice.logprobs, tokens);
        sendText(index, choice, piece);
    }

    private void sendText(int index, Choice choice, String piece) throws IOException {
        ObjectNode chunk = chunk();
        ObjectNode node = chunk.withArray("choices").addObject();
        put(node, index, choice, piece);
        node.putNull("finish_reason");
        events.send(chunk);
    }

    private static void put(ObjectNode node, int index, Choice choice, String piece) {
        node.put("index", index);
        node.put("text", piece);
        if (choice.logprobs.isEmpty()) {
            node.putNull("logprobs");
        } else {
            node.set("logprobs", choice.logprobs.json(piece));
        }
    }

    /** Sends the prompt first, if it is asked for. */
    private Choice begin(int index) throws IOException {
        Choice known = begun.get(index);
        if (known != null) {
            return known;
        }
        Choice choice = new Choice(choices.promptTokens(index));
        begun.put(index, choice);
        String beginning = choices.beginning(index);
        if (!beginning.isEmpty()) {
            sendText(index, choice, beginning);
        }
        return choice;
    }

    @Override
    public void end(int index, Generation answer) throws IOException {
        answers[index] = answer;
        sendEnd(index, answer);
    }

    private void sendEnd(int index, @Nullable Generation answer) throws IOException {
        Choice choice = begin(index);
        List<TokenLogprobs> all = answer == null ? List.of() : answer.logprobs();
        choices.add(choice.logprobs, all.subList(Math.min(choice.tokens, all.size()), all.size()));
        ObjectNode chunk = chunk();
        ObjectNode node = chunk.withArray("choices").addObject();
        put(node, index, choice, "");
        choices.putReason(node, answer);
        events.send(chunk);
    }

    /** Sends prompts for which nothing is generated. */
    void promptsOnly() throws IOException {
        for (int index = 0; index < answers.length; index++) {
            sendEnd(index, null);
        }
    }

    /** The end of the stream, after all choices. */
    void done() throws IOException {
        if (request.stream().usage()) {
            ObjectNode chunk = chunk();
            List<Generation> complete = new ArrayList<>();
            for (Generation answer : answers) {
                if (answer != null) {
                    complete.add(answer);
                }
            }
            if (complete.isEmpty()) {
                choices.putPromptUsage(chunk);
            } else {
                Finish.putUsage(chunk, complete, request.choices());
            }
            events.send(chunk);
        }
        events.done();
    }

    private ObjectNode chunk() {
        ObjectNode chunk = served.object(id, "text_completion", created);
        chunk.putArray("choices");
        if (request.stream().usage()) {
            chunk.putNull("usage");
        }
        return chunk;
    }
}
