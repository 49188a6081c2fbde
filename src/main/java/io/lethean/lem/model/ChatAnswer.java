package io.lethean.lem.model;

import io.lethean.lem.Message;
import io.lethean.lem.ToolCall;
import java.util.List;
import java.util.Optional;

/**
 * An answer of a model with its parts told apart.
 *
 * @param parts words, thoughts and calls
 * @param generation the answer as it was generated; the text has markers of thoughts and calls
 */
public record ChatAnswer(AnswerParts parts, Generation generation) {

    /** An answer that is all words, as it was generated. */
    static ChatAnswer ofWords(Generation answer) {
        return new ChatAnswer(new AnswerParts(answer.text(), Optional.empty(), List.of(), List.of()), answer);
    }

    /** The words of the answer. */
    public String content() {
        return parts.content();
    }

    /** What the model thought first; empty if it did not. */
    public Optional<String> thinking() {
        return parts.thinking();
    }

    /** The tools that the model asks for, in order. */
    public List<ToolCall> toolCalls() {
        return parts.toolCalls();
    }

    /** The texts of calls that cannot be read; they are part of the content. */
    public List<String> malformedCalls() {
        return parts.malformedCalls();
    }

    /** The turn of the model, with which the conversation continues; the results of its calls follow it. */
    public Message message() {
        Message message = Message.assistant(content(), toolCalls());
        return thinking().map(message::withThinking).orElse(message);
    }
}
