package io.lethean.lem.internal.jinja;

import io.lethean.lem.Message;
import java.util.List;

/**
 * What is rendered.
 *
 * @param addGenerationPrompt whether the text ends where the model's answer begins
 */
record ChatInput(List<Message> messages, TemplateVariables variables, boolean addGenerationPrompt) {

    ChatInput {
        messages = List.copyOf(messages);
    }

    ChatInput withMessages(List<Message> others) {
        return new ChatInput(others, variables, addGenerationPrompt);
    }

    /** With marks in place of contents, calls, tools and documents. */
    ChatInput marked() {
        return new ChatInput(TurnMarks.shape(messages), variables.marked(), addGenerationPrompt);
    }

    /** With marks in place of tools and documents alone. */
    ChatInput withMarkedVariables() {
        return new ChatInput(messages, variables.marked(), addGenerationPrompt);
    }
}
