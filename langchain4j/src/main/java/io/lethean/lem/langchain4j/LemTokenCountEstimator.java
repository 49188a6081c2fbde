package io.lethean.lem.langchain4j;

import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.model.TokenCountEstimator;
import io.lethean.lem.Message;
import io.lethean.lem.model.LemModel;
import java.util.List;

/** Counts tokens exactly, with the tokenizer of a {@link LemModel}. It does not own the model. Any number of threads may ask at once. */
public final class LemTokenCountEstimator implements TokenCountEstimator {

    private final LemModel model;

    private LemTokenCountEstimator(LemModel model) {
        this.model = model;
    }

    /**
     * {@return an estimator for this model}
     *
     * @param model the model; it stays the caller's to close
     */
    public static LemTokenCountEstimator of(LemModel model) {
        return new LemTokenCountEstimator(model);
    }

    /** The tokens of a text, without those that a chat template adds. */
    @Override
    public int estimateTokenCountInText(String text) {
        return model.tokenize(text, false, false).size();
    }

    /** The tokens of the text of a message and of its calls, without those that a chat template adds. */
    @Override
    public int estimateTokenCountInMessage(ChatMessage message) {
        return ChatRequests.messages(List.of(message)).stream()
                .mapToInt(this::tokens)
                .sum();
    }

    /** The sum over the messages. */
    @Override
    public int estimateTokenCountInMessages(Iterable<ChatMessage> messages) {
        return ChatRequests.messages(messages).stream().mapToInt(this::tokens).sum();
    }

    private int tokens(Message message) {
        int calls = message.toolCalls().stream()
                .mapToInt(call -> estimateTokenCountInText(call.name()) + estimateTokenCountInText(call.arguments()))
                .sum();
        return estimateTokenCountInText(message.content()) + calls;
    }
}
