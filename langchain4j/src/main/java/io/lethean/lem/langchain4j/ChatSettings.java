package io.lethean.lem.langchain4j;

import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import io.lethean.lem.model.LemModel;
import java.util.List;
import java.util.Set;

/** Settings that both kinds of chat models have. */
record ChatSettings(
        String modelName,
        LemChatRequestParameters parameters,
        List<ChatModelListener> listeners,
        Set<Capability> capabilities) {

    ChatSettings {
        listeners = List.copyOf(listeners);
        capabilities = Set.copyOf(capabilities);
    }

    /** Sets them by name. */
    abstract static class Builder<B extends Builder<B>> {

        private String modelName;
        private LemChatRequestParameters parameters = LemChatRequestParameters.EMPTY;
        private List<ChatModelListener> listeners = List.of();
        private Set<Capability> capabilities = Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA);

        Builder(LemModel model) {
            modelName = ModelNames.of(model);
        }

        /**
         * Sets the name that answers and observations carry, and that a request may ask for. The default is the name in
         * the model's file; without one, the name of the file.
         *
         * @param value the name
         * @return this builder
         */
        public B modelName(String value) {
            modelName = value;
            return self();
        }

        /**
         * Sets the parameters that every request starts from; {@link LemChatRequestParameters} has those that only LEM
         * knows.
         *
         * @param value the parameters; those of a request come before them
         * @return this builder
         */
        public B defaultRequestParameters(ChatRequestParameters value) {
            parameters = LemChatRequestParameters.EMPTY.overrideWith(value);
            return self();
        }

        /**
         * Sets the listeners of requests, responses and errors, in the order in which they are called.
         *
         * @param value the listeners; replaces those set before
         * @return this builder
         */
        public B listeners(List<ChatModelListener> value) {
            listeners = List.copyOf(value);
            return self();
        }

        /**
         * Sets the capabilities that AI services are told; the default is JSON Schema. Without it they ask for objects
         * in words and not by a schema, which is needed where an AI service has tools and returns objects.
         *
         * @param value the capabilities; may be empty
         * @return this builder
         */
        public B supportedCapabilities(Set<Capability> value) {
            capabilities = Set.copyOf(value);
            return self();
        }

        @SuppressWarnings("unchecked")
        private B self() {
            return (B) this;
        }

        /** @throws dev.langchain4j.exception.UnsupportedFeatureException if the parameters name another model */
        ChatSettings settings() {
            ChatRequests.requireName(parameters, modelName);
            LemChatRequestParameters named =
                    LemChatRequestParameters.builder().modelName(modelName).build();
            return new ChatSettings(modelName, named.overrideWith(parameters), listeners, capabilities);
        }
    }
}
