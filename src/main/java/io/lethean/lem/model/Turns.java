package io.lethean.lem.model;

import io.lethean.lem.Message;
import io.lethean.lem.ToolCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The messages of a conversation: its beginning, then questions, calls of tools, their results and answers. Immutable.
 *
 * @param beginning how many of the messages are never dropped
 * @param messages all of them
 */
record Turns(int beginning, List<Message> messages) {

    private static final String USER = "user";

    Turns {
        messages = List.copyOf(messages);
    }

    Turns with(List<Message> more) {
        List<Message> all = new ArrayList<>(messages);
        all.addAll(more);
        return new Turns(beginning, all);
    }

    /** The calls of the last answer; their results come next. */
    List<ToolCall> openCalls() {
        return messages.isEmpty() ? List.of() : messages.getLast().toolCalls();
    }

    /** These turns and a question. */
    Turns asking(String text) {
        if (!openCalls().isEmpty()) {
            throw new IllegalStateException("The last answer calls the tool "
                    + openCalls().getFirst().name()
                    + ", and a result comes before the next question. Send it with sendToolResults, or take the turn"
                    + " back with undo.");
        }
        return with(List.of(Message.user(text)));
    }

    /** The results of the open calls, in order. */
    List<Message> results(Function<ToolCall, String> tools) {
        if (openCalls().isEmpty()) {
            throw new IllegalStateException("The last answer calls no tool, so there is no result to send.");
        }
        return openCalls().stream()
                .map(call -> Message.tool(call.id(), result(call, tools)))
                .toList();
    }

    private static String result(ToolCall call, Function<ToolCall, String> tools) {
        String result = tools.apply(call);
        if (result == null) {
            throw new IllegalArgumentException("The result of the tool " + call.name()
                    + " is null; return a text, which may be empty or say what failed.");
        }
        return result;
    }

    /** What the last answer answers. */
    Turns beforeLastAnswer() {
        int end = messages.size();
        while (end > beginning && messages.get(end - 1).role().equals("assistant")) {
            end--;
        }
        if (end <= beginning || end == messages.size()) {
            throw nothingAsked();
        }
        return new Turns(beginning, messages.subList(0, end));
    }

    /** The last question. */
    Message question() {
        return messages.get(lastQuestion());
    }

    /** What was there before the last question. */
    Turns beforeQuestion() {
        return new Turns(beginning, messages.subList(0, lastQuestion()));
    }

    private int lastQuestion() {
        for (int index = messages.size() - 1; index >= beginning; index--) {
            if (messages.get(index).role().equals(USER)) {
                return index;
            }
        }
        throw nothingAsked();
    }

    private static IllegalStateException nothingAsked() {
        return new IllegalStateException("Nothing was asked in this conversation, so no turn can be taken back.");
    }

    /** Without the oldest question and all that came of it; empty if it is the last question. */
    Optional<Turns> withoutOldest() {
        for (int next = beginning + 1; next < messages.size(); next++) {
            if (messages.get(next).role().equals(USER)) {
                List<Message> kept = new ArrayList<>(messages.subList(0, beginning));
                kept.addAll(messages.subList(next, messages.size()));
                return Optional.of(new Turns(beginning, kept));
            }
        }
        return Optional.empty();
    }
}
