package io.lethean.lem.train.dataset;

import io.lethean.lem.MalformedDataException;
import io.lethean.lem.Message;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads one training example from the JSON object at a place in a file. */
record ExampleReader(Path file, int line) {

    TrainingExample read(Map<?, ?> object) throws MalformedDataException {
        if (object.containsKey("messages")) {
            return new TrainingExample.Conversation(file, line, messages(object));
        }
        if (object.containsKey("prompt") && object.containsKey("completion")) {
            Message prompt = Message.user(text(object, "prompt"));
            Message completion = Message.assistant(spoken(object, "completion"));
            return new TrainingExample.Conversation(file, line, List.of(prompt, completion));
        }
        if (object.containsKey("text")) {
            return new TrainingExample.PlainText(file, line, spoken(object, "text"));
        }
        Set<String> found = new TreeSet<>();
        object.keySet().forEach(key -> found.add(key.toString()));
        throw malformed("expected messages, or prompt and completion, or text, and found "
                + (found.isEmpty() ? "nothing" : String.join(", ", found)) + ".");
    }

    private List<Message> messages(Map<?, ?> object) throws MalformedDataException {
        if (object.get("tools") != null) {
            throw malformed("tools are not supported in training data; remove them or write them into a message.");
        }
        if (!(object.get("messages") instanceof List<?> list) || list.isEmpty()) {
            throw malformed("messages should be a list of turns and is empty or no list.");
        }
        List<Message> messages = new ArrayList<>();
        for (Object element : list) {
            messages.add(message(messages.size() + 1, element));
        }
        if (messages.stream().noneMatch(message -> message.role().equals(AssistantTurns.ROLE))) {
            throw malformed("no turn is the assistant's, so there is nothing to learn from.");
        }
        if (messages.stream()
                .allMatch(turn -> !turn.role().equals(AssistantTurns.ROLE)
                        || turn.content().isBlank())) {
            throw malformed("all the assistant's turns are empty, so there is nothing to learn from.");
        }
        return messages;
    }

    private Message message(int number, @Nullable Object element) throws MalformedDataException {
        if (!(element instanceof Map<?, ?> turn)) {
            throw malformed("turn " + number + " is not an object with role and content.");
        }
        if (!(turn.get("role") instanceof String role) || role.isEmpty()) {
            throw malformed("turn " + number + " has no role such as user or assistant.");
        }
        if (!(turn.get("content") instanceof String content)) {
            throw malformed("turn " + number + " (" + role + ") has no text as its content.");
        }
        return new Message(role, content);
    }

    private String text(Map<?, ?> object, String key) throws MalformedDataException {
        if (object.get(key) instanceof String text) {
            return text;
        }
        throw malformed(key + " is not text.");
    }

    private String spoken(Map<?, ?> object, String key) throws MalformedDataException {
        String text = text(object, key);
        if (text.isBlank()) {
            throw malformed(key + " is empty, so there is nothing to learn from.");
        }
        return text;
    }

    private MalformedDataException malformed(String problem) {
        return new MalformedDataException(file, line, problem, null);
    }
}
