package io.lethean.lem.model;

import io.lethean.lem.Message;
import java.util.List;

/**
 * Something that answers a conversation. {@code LemModel} is one; tests and benchmarks may bring another.
 */
public interface ChatModel {

    /**
     * Answers the last turn of a conversation.
     *
     * @throws io.lethean.lem.ContextOverflowException if the rendered conversation does not fit the context
     * @throws io.lethean.lem.ChatTemplateException if the model's template refuses the conversation
     */
    Generation chat(List<Message> messages, GenerationOptions options);
}
