package io.lethean.lem.langchain4j;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelIT;
import dev.langchain4j.model.chat.common.StreamingMode;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import java.util.List;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** LangChain4j's own suite for providers, by handler and by publisher, on SmolLM2-135M; the tests of tools, on a scripted model. */
@Tag("real")
class LemStreamingChatModelIT extends AbstractStreamingChatModelIT {

    @Override
    protected List<StreamingChatModel> baseModels() {
        return List.of(LemStreamingChatModel.of(RealModel.smollm2()));
    }

    @Override
    protected List<StreamingChatModel> baseModelsSupportingTools() {
        return List.of(LemStreamingChatModel.of(SuiteScript.answerer(), ScriptedModel.settings()));
    }

    @Override
    protected StreamingChatModel createModelWith(ChatRequestParameters parameters) {
        return LemStreamingChatModel.builder(RealModel.smollm2())
                .defaultRequestParameters(parameters)
                .build();
    }

    @Override
    protected ChatRequestParameters createIntegrationSpecificParameters(int maxOutputTokens) {
        return LemChatRequestParameters.builder()
                .maxOutputTokens(maxOutputTokens)
                .build();
    }

    @Override
    public StreamingChatModel createModelWith(ChatModelListener listener) {
        return LemStreamingChatModel.builder(RealModel.smollm2())
                .listeners(List.of(listener))
                .build();
    }

    @Override
    protected List<StreamingMode> streamingModes() {
        return List.of(StreamingMode.HANDLER, StreamingMode.PUBLISHER);
    }

    /** All events of an answer come on one thread, by a publisher, too. */
    @Override
    protected boolean assertThreads() {
        return true;
    }

    /** An answer is held to a JSON form, or may call tools. */
    @Override
    protected boolean supportsToolsAndJsonResponseFormatWithSchema() {
        return false;
    }

    /** A chat model has one model, which is given to it. */
    @Override
    protected boolean supportsModelNameParameter() {
        return false;
    }

    /** LEM reads text only. */
    @Override
    protected boolean supportsSingleImageInputAsBase64EncodedString() {
        return false;
    }

    /** LEM reads text only. */
    @Override
    protected boolean supportsSingleImageInputAsPublicURL() {
        return false;
    }

    @Override
    @Disabled("A model of 135M parameters does not translate into German.")
    @ParameterizedTest
    @MethodSource("models")
    protected void should_respect_system_message(StreamingChatModel model) {
        super.should_respect_system_message(model);
    }

    @Override
    @Disabled("A model of 135M parameters does not remember the color.")
    @ParameterizedTest
    @MethodSource("models")
    protected void should_respect_multiple_messages(StreamingChatModel model) {
        super.should_respect_multiple_messages(model);
    }
}
