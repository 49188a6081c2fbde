package io.lethean.lem.model;

import io.lethean.lem.Message;
import java.util.List;

/**
 * Something that answers a conversation. {@code LemModel} is one; tests and benchmarks may bring another.
 */
public interface TextGenerator {

    /**
     * Answers the last turn of a conversation.
     *
     * @param messages the turns so far
     * @param options how the answer is generated
     * @return what was generated, and why it ended
     * @throws io.lethean.lem.ContextOverflowException if the rendered conversation does not fit the context
     * @throws io.lethean.lem.ChatTemplateException if the model's template refuses the conversation
     */
    Generation chat(List<Message> messages, GenerationOptions options);

    /**
     * Answers many conversations. Unless a model knows better, one after the other in the order given; one that fails
     * does not keep the others from being answered.
     *
     * @param requests the conversations, each with its options
     * @param listener receives each answer when it is complete; an exception of the listener ends the call and is
     *     rethrown
     */
    default void chatAll(List<GenerationRequest.Chat> requests, GenerationListener listener) {
        for (int index = 0; index < requests.size(); index++) {
            listener.started(index);
            GenerationOutcome outcome;
            try {
                GenerationRequest.Chat request = requests.get(index);
                if (request.chatOptions().isPresent()) {
                    throw new IllegalArgumentException(
                            "This generator takes neither tools nor documents nor variables of a chat template.");
                }
                outcome = new GenerationOutcome.Answered(chat(request.messages(), request.options()));
            } catch (RuntimeException failed) {
                outcome = new GenerationOutcome.Failed(failed);
            }
            listener.finished(index, outcome);
        }
    }
}
