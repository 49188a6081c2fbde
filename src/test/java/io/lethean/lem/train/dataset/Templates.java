package io.lethean.lem.train.dataset;

import io.lethean.lem.ChatTemplateException;
import io.lethean.lem.Message;
import java.util.List;

/** The ways in which real chat templates build a conversation, each reduced to what matters for masks. */
final class Templates {

    private Templates() {}

    /** Every turn framed alike. */
    static final ChatRenderer CHATML = (messages, prompt) -> {
        StringBuilder text = new StringBuilder();
        for (Message message : messages) {
            text.append("<|im_start|>").append(message.role()).append('\n').append(message.content());
            text.append("<|im_end|>\n");
        }
        return prompt ? text.append("<|im_start|>assistant\n").toString() : text.toString();
    };

    /** Contents trimmed, roles renamed, order of roles demanded, as Gemma's. */
    static final ChatRenderer GEMMA = (messages, prompt) -> {
        StringBuilder text = new StringBuilder("<bos>");
        for (int i = 0; i < messages.size(); i++) {
            String role = messages.get(i).role().equals("assistant")
                    ? "model"
                    : messages.get(i).role();
            if (!role.equals(i % 2 == 0 ? "user" : "model")) {
                throw new ChatTemplateException("Conversation roles must alternate user/assistant/user/assistant/...");
            }
            text.append("<start_of_turn>")
                    .append(role)
                    .append('\n')
                    .append(messages.get(i).content().strip());
            text.append("<end_of_turn>\n");
        }
        return prompt ? text.append("<start_of_turn>model\n").toString() : text.toString();
    };

    /** The system message goes before the last question only, and there is no generation prompt, as Mistral's. */
    static final ChatRenderer SYSTEM_BEFORE_LAST_QUESTION = (messages, prompt) -> {
        int last = -1;
        String system = "";
        for (int i = 0; i < messages.size(); i++) {
            last = messages.get(i).role().equals("user") ? i : last;
            system = messages.get(i).role().equals("system") ? messages.get(i).content() + "\n\n" : system;
        }
        StringBuilder text = new StringBuilder("<s>");
        for (int i = 0; i < messages.size(); i++) {
            String content = messages.get(i).content();
            switch (messages.get(i).role()) {
                case "user" ->
                    text.append("[INST] ")
                            .append(i == last ? system : "")
                            .append(content)
                            .append("[/INST]");
                case "assistant" -> text.append(' ').append(content).append("</s>");
                default -> {}
            }
        }
        return text.toString();
    };

    /** Reasoning of all turns before the last question is dropped, as Qwen's; the last turn always has some. */
    static final ChatRenderer THINKING = (messages, prompt) -> {
        int last = -1;
        for (int i = 0; i < messages.size(); i++) {
            last = messages.get(i).role().equals("user") ? i : last;
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < messages.size(); i++) {
            String content = messages.get(i).content();
            String answer = content.substring(content.indexOf("</think>") < 0 ? 0 : content.indexOf("</think>") + 8);
            String thought = content.contains("</think>") ? content.substring(7, content.indexOf("</think>")) : "";
            text.append("<|im_start|>").append(messages.get(i).role()).append('\n');
            if (messages.get(i).role().equals("assistant") && i > last) {
                text.append("<think>\n").append(thought.strip()).append("\n</think>\n\n");
            }
            text.append(answer.strip()).append("<|im_end|>\n");
        }
        return prompt ? text.append("<|im_start|>assistant\n").toString() : text.toString();
    };

    /** As {@link #THINKING}, and the generation prompt opens the reasoning, as that of R1 and QwQ. */
    static final ChatRenderer THINKING_OPENED =
            (messages, prompt) -> THINKING.render(messages, prompt) + (prompt ? "<think>\n" : "");

    /** The number of turns stands first, so that no shorter conversation begins as the whole does. */
    static final ChatRenderer COUNTED = (messages, prompt) -> messages.size() + ":" + CHATML.render(messages, prompt);

    /** Leaves out all but the last two turns. */
    static final ChatRenderer FORGETFUL = (messages, prompt) ->
            CHATML.render(messages.subList(Math.max(0, messages.size() - 2), messages.size()), prompt);

    static List<Message> twoQuestions(String first, String second) {
        return List.of(Message.user("One?"), Message.assistant(first), Message.user("Two?"), Message.assistant(second));
    }
}
