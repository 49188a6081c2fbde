package io.lethean.lem.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.service.common.AbstractAiServiceIT;
import java.util.List;
import java.util.Set;

/** LangChain4j's own suite of AI services, on a scripted model. */
class AiServiceIT extends AbstractAiServiceIT {

    @Override
    protected List<ChatModel> models() {
        return List.of(LemChatModel.of(AiServiceScript.answerer(), ScriptedModel.settings()));
    }

    /** With tools, objects are asked for in words: an answer is held to a schema, or may call tools. */
    @Override
    protected List<ChatModel> modelsSupportingToolsAndJsonResponseFormatWithSchema() {
        ChatSettings settings = ScriptedModel.settings();
        return List.of(LemChatModel.of(
                AiServiceScript.answerer(),
                new ChatSettings(settings.modelName(), settings.parameters(), List.of(), Set.of())));
    }
}
