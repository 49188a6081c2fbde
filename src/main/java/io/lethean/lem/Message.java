package io.lethean.lem;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One turn of a conversation.
 *
 * @param role who speaks: {@code system}, {@code user}, {@code assistant}, {@code tool}, or a role that the model's
 *     template knows
 * @param content what is said; of a tool, its result
 * @param thinking what the model thought before it answered, where that is kept apart from the content
 * @param toolCalls the tools that the model asked for in this turn, in order
 * @param toolCallId of a tool's result, the {@link ToolCall#id() id} of the call that it answers
 */
public record Message(
        String role, String content, Optional<String> thinking, List<ToolCall> toolCalls, Optional<String> toolCallId) {

    public Message {
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(content, "content");
        Objects.requireNonNull(thinking, "thinking");
        Objects.requireNonNull(toolCallId, "toolCallId");
        toolCalls = List.copyOf(toolCalls);
        if (role.isEmpty()) {
            throw new IllegalArgumentException("A message needs a role such as user, and this one is empty.");
        }
    }

    /** A turn that has a role and a content alone. */
    public Message(String role, String content) {
        this(role, content, Optional.empty(), List.of(), Optional.empty());
    }

    /** A turn that instructs the model. */
    public static Message system(String content) {
        return new Message("system", content);
    }

    /** A turn of the person who asks. */
    public static Message user(String content) {
        return new Message("user", content);
    }

    /** A turn of the model. */
    public static Message assistant(String content) {
        return new Message("assistant", content);
    }

    /** A turn of the model in which it asks for tools. */
    public static Message assistant(String content, List<ToolCall> toolCalls) {
        return new Message("assistant", content, Optional.empty(), toolCalls, Optional.empty());
    }

    /** The result of a tool. */
    public static Message tool(String callId, String content) {
        return new Message("tool", content, Optional.empty(), List.of(), Optional.of(callId));
    }

    /** This turn with another content. */
    public Message withContent(String other) {
        return new Message(role, other, thinking, toolCalls, toolCallId);
    }

    /** This turn with the thoughts that led to it. */
    public Message withThinking(String thoughts) {
        return new Message(role, content, Optional.of(thoughts), toolCalls, toolCallId);
    }

    /** This turn with other calls of tools. */
    public Message withToolCalls(List<ToolCall> calls) {
        return new Message(role, content, thinking, calls, toolCallId);
    }

    /** Whether the turn asks for a tool or is the result of one. */
    public boolean concernsTools() {
        return !toolCalls.isEmpty() || toolCallId.isPresent();
    }
}
