package io.lethean.lem.server.internal.api;

import io.lethean.lem.model.Generation;
import io.lethean.lem.server.internal.http.EventStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Sends the choices of a completion as they grow. Log-probabilities come with the last event of a choice. */
final class CompletionStream implements Answering.Listener {

    private final ServedModel served;
    private final CompletionRequest request;
    private final CompletionChoices choices;
    private final EventStream events;
    private final String id = ServedModel.id("cmpl-");
    private final long created = ServedModel.now();
    private final Set<Integer> begun = new HashSet<>();
    private final @Nullable Generation[] answers;

    CompletionStream(ServedModel served, CompletionRequest request, CompletionChoices choices, EventStream events) {
        this.served = served;
        this.request = request;
        this.choices = choices;
        this.events = events;
        this.answers = new @Nullable Generation[request.prompts().size() * request.choices()];
    }

    @Override
    public void text(int index, String piece) throws IOException {
        begin(index);
        ObjectNode chunk = chunk();
        ObjectNode choice = chunk.withArray("choices").addObject();
        choice.put("index", index);
        choice.put("text", piece);
        choice.putNull("logprobs");
        choice.putNull("finish_reason");
        events.send(chunk);
    }

    /** Sends the prompt first, if it is asked for. */
    private void begin(int index) throws IOException {
        String beginning = choices.beginning(index);
        if (begun.add(index) && !beginning.isEmpty()) {
            text(index, beginning);
        }
    }

    @Override
    public void end(int index, Generation answer) throws IOException {
        answers[index] = answer;
        sendEnd(index, answer);
    }

    private void sendEnd(int index, @Nullable Generation answer) throws IOException {
        begin(index);
        ObjectNode chunk = chunk();
        ObjectNode choice = chunk.withArray("choices").addObject();
        choice.put("index", index);
        choice.put("text", "");
        choices.putEnd(choice, index, answer);
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
