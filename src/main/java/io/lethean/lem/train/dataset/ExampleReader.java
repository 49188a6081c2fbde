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

/**
 * Reads one training example from the JSON object at a place in a file.
 *
 * @param ignored takes the members that are not read
 */
record ExampleReader(Path file, int line, IgnoredMembers ignored) {

    private static final String TOOLS = "tools";
    private static final String WEIGHT = "weight";

    TrainingExample read(Map<?, ?> object) throws MalformedDataException {
        if (!IgnoredMembers.isEmpty(object.get(TOOLS))) {
            throw malformed("tools are not supported in training data; remove them or write them into a message.");
        }
        if (object.containsKey("messages")) {
            ignored.add(object, Set.of("messages", TOOLS), "", line);
            return conversation(object);
        }
        if (object.containsKey("prompt") && object.containsKey("completion")) {
            ignored.add(object, Set.of("prompt", "completion", TOOLS), "", line);
            Message prompt = Message.user(text(object, "prompt"));
            Message completion = Message.assistant(spoken(object, "completion"));
            return new TrainingExample.Conversation(file, line, List.of(prompt, completion));
        }
        if (object.containsKey("text")) {
            ignored.add(object, Set.of("text", TOOLS), "", line);
            return new TrainingExample.PlainText(file, line, spoken(object, "text"));
        }
        Set<String> found = new TreeSet<>();
        object.keySet().forEach(key -> found.add(key.toString()));
        throw malformed("expected messages, or prompt and completion, or text, and found "
                + (found.isEmpty() ? "nothing" : String.join(", ", found)) + ".");
    }

    private TrainingExample conversation(Map<?, ?> object) throws MalformedDataException {
        if (!(object.get("messages") instanceof List<?> list) || list.isEmpty()) {
            throw malformed("messages should be a list of turns and is empty or no list.");
        }
        List<Message> messages = new ArrayList<>();
        Set<Integer> unlearned = new TreeSet<>();
        for (Object element : list) {
            int number = messages.size() + 1;
            Map<?, ?> turn = turn(number, element);
            Message message = message(number, turn);
            messages.add(message);
            if (!learned(number, turn, message)) {
                unlearned.add(number - 1);
            }
        }
        requireSomethingToLearn(messages, unlearned);
        return new TrainingExample.Conversation(file, line, messages, unlearned);
    }

    private void requireSomethingToLearn(List<Message> messages, Set<Integer> unlearned) throws MalformedDataException {
        boolean spoken = false;
        boolean answered = false;
        for (int turn = 0; turn < messages.size(); turn++) {
            if (AssistantTurns.isAssistant(messages.get(turn))) {
                answered = true;
                spoken |= !messages.get(turn).content().isBlank() && !unlearned.contains(turn);
            }
        }
        if (!answered) {
            throw malformed("no turn is the assistant's, so there is nothing to learn from.");
        }
        if (!spoken) {
            throw malformed(
                    unlearned.isEmpty()
                            ? "all the assistant's turns are empty, so there is nothing to learn from."
                            : "all the assistant's turns have weight 0 or are empty, so there is nothing to learn from.");
        }
    }

    private Map<?, ?> turn(int number, @Nullable Object element) throws MalformedDataException {
        if (element instanceof Map<?, ?> turn) {
            return turn;
        }
        throw malformed("turn " + number + " is not an object with role and content.");
    }

    private Message message(int number, Map<?, ?> turn) throws MalformedDataException {
        if (!(turn.get("role") instanceof String role) || role.isEmpty()) {
            throw malformed("turn " + number + " has no role such as user or assistant.");
        }
        Object content = turn.get("content");
        if (content instanceof List<?> parts && !parts.isEmpty()) {
            return new Message(role, joined("turn " + number + " (" + role + ")", parts));
        }
        if (content instanceof String text) {
            return new Message(role, text);
        }
        throw malformed("turn " + number + " (" + role + ") has no text as its content.");
    }

    /** Of an assistant's turn; the weight of another turn decides nothing. */
    private boolean learned(int number, Map<?, ?> turn, Message message) throws MalformedDataException {
        Object weight = turn.get(WEIGHT);
        double value = weight instanceof Number given ? given.doubleValue() : Double.NaN;
        if (weight != null && value != 0 && value != 1) {
            throw malformed("turn " + number + " (" + message.role() + ") has the weight " + shown(weight)
                    + "; a weight is 0 (the turn is not learned) or 1 (it is learned).");
        }
        boolean assistant = AssistantTurns.isAssistant(message);
        Set<String> read = assistant ? Set.of("role", "content", WEIGHT) : Set.of("role", "content");
        ignored.add(turn, read, message.role() + " turns: ", line);
        return !assistant || weight == null || value == 1;
    }

    private static String shown(Object weight) {
        return weight instanceof String text ? "\"" + text + "\"" : weight.toString();
    }

    private String joined(String owner, List<?> parts) throws MalformedDataException {
        StringBuilder text = new StringBuilder();
        int number = 0;
        for (Object part : parts) {
            number++;
            Map<?, ?> members = part instanceof Map<?, ?> map ? map : Map.of();
            Object type = members.get("type");
            if ("text".equals(type) && members.get("text") instanceof String piece) {
                ignored.add(members, Set.of("type", "text"), "parts: ", line);
                text.append(piece);
            } else if (type instanceof String other && !"text".equals(type)) {
                throw malformed(owner + " has a part of the type " + other + " as part " + number
                        + " of its content, and only text can be learned; remove the part or describe it in words.");
            } else {
                throw malformed(owner + " has a content of which part " + number
                        + " is not an object with type \"text\" and a text.");
            }
        }
        return text.toString();
    }

    private String text(Map<?, ?> object, String key) throws MalformedDataException {
        return switch (object.get(key)) {
            case String text -> text;
            case List<?> parts when !parts.isEmpty() && parts.getFirst() instanceof Map<?, ?> -> joined(key, parts);
            case null, default -> throw malformed(key + " is not text.");
        };
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
