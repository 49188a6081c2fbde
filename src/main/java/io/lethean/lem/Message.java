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

    /** Copies the calls, and checks that the parts fit each other. */
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

    /**
     * A turn that has a role and a content alone.
     *
     * @param role such as {@code system}, {@code user}, {@code assistant} or {@code tool}
     * @param content what the turn says
     */
    public Message(String role, String content) {
        this(role, content, Optional.empty(), List.of(), Optional.empty());
    }

    /**
     * {@return a turn that instructs the model}
     *
     * @param content what the turn says
     */
    public static Message system(String content) {
        return new Message("system", content);
    }

    /**
     * {@return a turn of the person who asks}
     *
     * @param content what the turn says
     */
    public static Message user(String content) {
        return new Message("user", content);
    }

    /**
     * {@return a turn of the model}
     *
     * @param content what the turn says
     */
    public static Message assistant(String content) {
        return new Message("assistant", content);
    }

    /**
     * {@return a turn of the model in which it asks for tools}
     *
     * @param content what the turn says
     * @param toolCalls the calls, in order
     */
    public static Message assistant(String content, List<ToolCall> toolCalls) {
        return new Message("assistant", content, Optional.empty(), toolCalls, Optional.empty());
    }

    /**
     * {@return the result of a tool}
     *
     * @param callId the id of the call that is answered; empty if the call has no id
     * @param content what the tool returned
     */
    public static Message tool(String callId, String content) {
        return new Message("tool", content, Optional.empty(), List.of(), Optional.of(callId));
    }

    /**
     * {@return this turn with another content}
     *
     * @param other the new content
     */
    public Message withContent(String other) {
        return new Message(role, other, thinking, toolCalls, toolCallId);
    }

    /**
     * {@return this turn with the thoughts that led to it}
     *
     * @param thoughts the thoughts, without the tags around them
     */
    public Message withThinking(String thoughts) {
        return new Message(role, content, Optional.of(thoughts), toolCalls, toolCallId);
    }

    /**
     * {@return this turn with other calls of tools}
     *
     * @param calls the new calls, in order
     */
    public Message withToolCalls(List<ToolCall> calls) {
        return new Message(role, content, thinking, calls, toolCallId);
    }

    /** {@return whether the turn asks for a tool or is the result of one} */
    public boolean concernsTools() {
        return !toolCalls.isEmpty() || toolCallId.isPresent();
    }
}
