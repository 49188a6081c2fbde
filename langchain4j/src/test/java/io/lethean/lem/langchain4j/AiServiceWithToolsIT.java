package io.lethean.lem.langchain4j;

import dev.langchain4j.data.image.Image;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.service.common.AbstractAiServiceWithToolsIT;
import java.util.List;

/** LangChain4j's own suite of AI services with tools, on a scripted model. */
class AiServiceWithToolsIT extends AbstractAiServiceWithToolsIT {

    @Override
    protected List<ChatModel> models() {
        return List.of(LemChatModel.of(AiServiceScript.answerer(), ScriptedModel.settings()));
    }

    @Override
    protected boolean supportsRecursion() {
        return true;
    }

    /** Not the one on the network, which the suite would fetch. */
    @Override
    protected Image catImage() {
        return Image.builder().base64Data("iVBORw0KGgo=").mimeType("image/png").build();
    }
}
