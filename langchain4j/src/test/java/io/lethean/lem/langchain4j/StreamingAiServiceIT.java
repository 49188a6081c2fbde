package io.lethean.lem.langchain4j;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.service.common.AbstractStreamingAiServiceIT;
import java.util.List;

/** LangChain4j's own suite of streaming AI services, on a scripted model. */
class StreamingAiServiceIT extends AbstractStreamingAiServiceIT {

    @Override
    protected List<StreamingChatModel> models() {
        return List.of(LemStreamingChatModel.of(AiServiceScript.answerer(), ScriptedModel.settings()));
    }
}
