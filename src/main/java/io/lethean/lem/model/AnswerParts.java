package io.lethean.lem.model;

import io.lethean.lem.ToolCall;
import java.util.List;
import java.util.Optional;

/**
 * What the text of an answer is made of.
 *
 * @param content the words: what is outside of thoughts and calls
 * @param thinking what the model thought first; empty if it did not
 * @param toolCalls the tools that the model asks for, in order
 * @param malformedCalls the texts of calls that cannot be read, such as one that the token limit has cut. They are part of
 *     the content, so nothing is lost
 */
public record AnswerParts(
        String content, Optional<String> thinking, List<ToolCall> toolCalls, List<String> malformedCalls) {

    /** Copies the lists, so that later changes of them do not count. */
    public AnswerParts {
        toolCalls = List.copyOf(toolCalls);
        malformedCalls = List.copyOf(malformedCalls);
    }
}
