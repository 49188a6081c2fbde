package io.lethean.lem.langchain4j;

import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.common.AbstractChatModelListenerIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** LangChain4j's own suite for listeners, on SmolLM2-135M. */
@Tag("real")
class LemChatModelListenerIT extends AbstractChatModelListenerIT {

    /** Parameters that a test observes. */
    static LemChatRequestParameters parameters(double temperature, double topP, int maxTokens) {
        return LemChatRequestParameters.builder()
                .temperature(temperature)
                .topP(topP)
                .maxOutputTokens(maxTokens)
                .build();
    }

    @Override
    protected ChatModel createModel(ChatModelListener listener) {
        return LemChatModel.builder(RealModel.smollm2())
                .defaultRequestParameters(parameters(temperature(), topP(), maxTokens()))
                .listeners(List.of(listener))
                .build();
    }

    @Override
    protected String modelName() {
        return ModelNames.of(RealModel.smollm2());
    }

    @Override
    protected ChatModel createFailingModel(ChatModelListener listener) {
        return LemChatModel.builder(RealModel.smollm2())
                .defaultRequestParameters(parameters(-1, topP(), maxTokens()))
                .listeners(List.of(listener))
                .build();
    }

    @Override
    protected Class<? extends Exception> expectedExceptionClass() {
        return InvalidRequestException.class;
    }
}
