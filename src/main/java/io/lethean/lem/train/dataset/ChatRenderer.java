package io.lethean.lem.train.dataset;

import io.lethean.lem.Message;
import java.util.ArrayList;
import java.util.List;

/** Turns a conversation into the text that a model reads, as its chat template has it. */
@FunctionalInterface
public interface ChatRenderer {

    /**
     * {@return the text of a conversation}
     *
     * @param messages the turns
     * @param addGenerationPrompt whether to end with what comes before an answer
     * @throws io.lethean.lem.ChatTemplateException if the template refuses the conversation
     */
    String render(List<Message> messages, boolean addGenerationPrompt);

    /**
     * {@return the form for models without a template: contents joined by a blank line}
     *
     * @param endOfSequence the text of the token that ends each assistant turn; empty if the model has no such token
     */
    static ChatRenderer plain(String endOfSequence) {
        return (messages, addGenerationPrompt) -> {
            List<String> turns = new ArrayList<>();
            for (Message message : messages) {
                boolean ends = message.role().equals(AssistantTurns.ROLE);
                turns.add(ends ? message.content() + endOfSequence : message.content());
            }
            String text = String.join("\n\n", turns);
            return addGenerationPrompt ? text + "\n\n" : text;
        };
    }
}
