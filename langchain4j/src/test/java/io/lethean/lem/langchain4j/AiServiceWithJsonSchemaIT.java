package io.lethean.lem.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.service.common.AbstractAiServiceWithJsonSchemaIT;
import java.util.List;

/** LangChain4j's own suite of AI services that return objects, on a scripted model, which takes every schema. */
class AiServiceWithJsonSchemaIT extends AbstractAiServiceWithJsonSchemaIT {

    @Override
    protected List<ChatModel> models() {
        return List.of(LemChatModel.of(AiServiceScript.answerer(), ScriptedModel.settings()));
    }

    @Override
    protected boolean supportsRecursion() {
        return true;
    }
}
