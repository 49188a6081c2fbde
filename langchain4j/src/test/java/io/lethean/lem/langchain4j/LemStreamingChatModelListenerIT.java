package io.lethean.lem.langchain4j;

import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelListenerIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import io.lethean.lem.Fixtures;
import io.lethean.lem.model.LemModel;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** LangChain4j's own suite for listeners of streamed answers, on SmolLM2-135M. */
@Tag("real")
class LemStreamingChatModelListenerIT extends AbstractStreamingChatModelListenerIT {

    @Override
    protected StreamingChatModel createModel(ChatModelListener listener) {
        return LemStreamingChatModel.builder(RealModel.smollm2())
                .defaultRequestParameters(LemChatModelListenerIT.parameters(temperature(), topP(), maxTokens()))
                .listeners(List.of(listener))
                .build();
    }

    @Override
    protected String modelName() {
        return ModelNames.of(RealModel.smollm2());
    }

    /** A closed model. */
    @Override
    protected StreamingChatModel createFailingModel(ChatModelListener listener) {
        LemModel model = RealModel.load(Fixtures.realModel("smollm2"));
        model.close();
        return LemStreamingChatModel.builder(model).listeners(List.of(listener)).build();
    }

    @Override
    protected Class<? extends Exception> expectedExceptionClass() {
        return LangChain4jException.class;
    }
}
