package io.lethean.lem.spring.autoconfigure;

import io.lethean.lem.spring.LemChatModel;
import io.lethean.lem.spring.LemEmbeddingModel;
import org.springframework.boot.autoconfigure.condition.AnyNestedCondition;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;

/** Whether there is a chat model or an embedding model. */
final class OnAnyLemModel extends AnyNestedCondition {

    OnAnyLemModel() {
        super(ConfigurationPhase.REGISTER_BEAN);
    }

    @ConditionalOnBean(LemChatModel.class)
    static final class Chat {}

    @ConditionalOnBean(LemEmbeddingModel.class)
    static final class Embedding {}
}
