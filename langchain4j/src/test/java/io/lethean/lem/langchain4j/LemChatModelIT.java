package io.lethean.lem.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.common.AbstractChatModelIT;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import java.util.List;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** LangChain4j's own suite for providers, on SmolLM2-135M; the tests of tools, on a scripted model. */
@Tag("real")
class LemChatModelIT extends AbstractChatModelIT {

    @Override
    protected List<ChatModel> models() {
        return List.of(LemChatModel.of(RealModel.smollm2()));
    }

    @Override
    protected List<ChatModel> modelsSupportingTools() {
        return List.of(LemChatModel.of(SuiteScript.answerer(), ScriptedModel.settings()));
    }

    @Override
    protected ChatModel createModelWith(ChatRequestParameters parameters) {
        return LemChatModel.builder(RealModel.smollm2())
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
    protected boolean supportsChatAsync() {
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
    protected void should_respect_system_message(ChatModel model) {
        super.should_respect_system_message(model);
    }

    @Override
    @Disabled("A model of 135M parameters does not remember the color.")
    @ParameterizedTest
    @MethodSource("models")
    protected void should_respect_multiple_messages(ChatModel model) {
        super.should_respect_multiple_messages(model);
    }
}
