package io.lethean.lem.data;

import io.lethean.lem.Message;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One line of a training file: a conversation, or text without turns. */
public sealed interface TrainingExample {

    /** The file it was read from. */
    Path file();

    /** The line in that file, from 1. */
    int line();

    /**
     * A conversation in which the assistant speaks at least once.
     *
     * @param messages its turns in order
     */
    record Conversation(Path file, int line, List<Message> messages) implements TrainingExample {
        public Conversation {
            messages = List.copyOf(messages);
        }
    }

    /**
     * Text to be continued word by word.
     *
     * @param text the text, not empty
     */
    record PlainText(Path file, int line, String text) implements TrainingExample {}

    /**
     * Reads a line in one of mlx-lm's formats: {@code chat} (messages), {@code completions} (prompt and completion,
     * read as a conversation of two turns) or {@code text}.
     *
     * @throws MalformedDataException saying what the line lacks
     */
    static TrainingExample of(Path file, JsonLine line) throws MalformedDataException {
        return of(file, line, line.object());
    }

    /** Reads an object that is a part of a line. */
    static TrainingExample of(Path file, JsonLine line, Map<?, ?> object) throws MalformedDataException {
        if (object.containsKey("messages")) {
            return new Conversation(file, line.number(), messages(line, object));
        }
        if (object.containsKey("prompt") && object.containsKey("completion")) {
            Message prompt = Message.user(text(line, object, "prompt"));
            Message completion = Message.assistant(spoken(line, object, "completion"));
            return new Conversation(file, line.number(), List.of(prompt, completion));
        }
        if (object.containsKey("text")) {
            return new PlainText(file, line.number(), spoken(line, object, "text"));
        }
        Set<String> found = new TreeSet<>();
        object.keySet().forEach(key -> found.add(key.toString()));
        throw line.malformed("expected messages, or prompt and completion, or text, and found "
                + (found.isEmpty() ? "nothing" : String.join(", ", found)) + ".");
    }

    private static List<Message> messages(JsonLine line, Map<?, ?> object) throws MalformedDataException {
        if (object.get("tools") != null) {
            throw line.malformed("tools are not supported in training data; remove them or write them into a message.");
        }
        if (!(object.get("messages") instanceof List<?> list) || list.isEmpty()) {
            throw line.malformed("messages should be a list of turns and is empty or no list.");
        }
        List<Message> messages = new ArrayList<>();
        for (Object element : list) {
            messages.add(message(line, messages.size() + 1, element));
        }
        if (messages.stream().noneMatch(message -> message.role().equals(AssistantTurns.ROLE))) {
            throw line.malformed("no turn is the assistant's, so there is nothing to learn from.");
        }
        if (messages.stream()
                .allMatch(turn -> !turn.role().equals(AssistantTurns.ROLE)
                        || turn.content().isBlank())) {
            throw line.malformed("all the assistant's turns are empty, so there is nothing to learn from.");
        }
        return messages;
    }

    private static Message message(JsonLine line, int number, @Nullable Object element) throws MalformedDataException {
        if (!(element instanceof Map<?, ?> turn)) {
            throw line.malformed("turn " + number + " is no object with role and content.");
        }
        if (!(turn.get("role") instanceof String role) || role.isEmpty()) {
            throw line.malformed("turn " + number + " has no role such as user or assistant.");
        }
        if (!(turn.get("content") instanceof String content)) {
            throw line.malformed("turn " + number + " (" + role + ") has no text as its content.");
        }
        return new Message(role, content);
    }

    private static String text(JsonLine line, Map<?, ?> object, String key) throws MalformedDataException {
        if (object.get(key) instanceof String text) {
            return text;
        }
        throw line.malformed(key + " is no text.");
    }

    private static String spoken(JsonLine line, Map<?, ?> object, String key) throws MalformedDataException {
        String text = text(line, object, key);
        if (text.isBlank()) {
            throw line.malformed(key + " is empty, so there is nothing to learn from.");
        }
        return text;
    }
}
