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

    /** {@return the words of the answer} */
    public String content() {
        return parts.content();
    }

    /** {@return what the model thought first; empty if it did not} */
    public Optional<String> thinking() {
        return parts.thinking();
    }

    /** {@return the tools that the model asks for, in order} */
    public List<ToolCall> toolCalls() {
        return parts.toolCalls();
    }

    /** {@return the texts of calls that cannot be read; they are part of the content} */
    public List<String> malformedCalls() {
        return parts.malformedCalls();
    }

    /** {@return the turn of the model, with which the conversation continues; the results of its calls follow it} */
    public Message message() {
        Message message = Message.assistant(content(), toolCalls());
        return thinking().map(message::withThinking).orElse(message);
    }
}
