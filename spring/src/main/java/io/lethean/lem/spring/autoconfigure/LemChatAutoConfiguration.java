package io.lethean.lem.spring.autoconfigure;

import io.lethean.lem.model.LemModel;
import io.lethean.lem.spring.LemChatModel;
import io.micrometer.observation.ObservationRegistry;
import java.util.Objects;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.observation.ChatModelObservationConvention;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * The chat model that {@code lem.chat.model} names, and the {@link LemModel} under it, which is closed with the context. A bean
 * of the application of either type takes its place.
 */
@AutoConfiguration
@ConditionalOnClass({ChatModel.class, LemModel.class})
@ConditionalOnBooleanProperty(name = LemChatProperties.PREFIX + ".enabled", matchIfMissing = true)
@ConditionalOnProperty(name = "spring.ai.model.chat", havingValue = LemChatModel.PROVIDER, matchIfMissing = true)
@EnableConfigurationProperties(LemChatProperties.class)
public final class LemChatAutoConfiguration {

    /** For Spring. */
    LemChatAutoConfiguration() {}

    @Bean(destroyMethod = "close")
    @ConditionalOnProperty(LemChatProperties.PREFIX + ".model")
    @ConditionalOnMissingBean
    LemModel lemModel(LemChatProperties properties) {
        String model = Objects.requireNonNull(properties.model(), "model");
        return ModelLoading.load(LemChatProperties.PREFIX, model, properties.load(), properties.adapters());
    }

    @Bean
    @ConditionalOnBean(LemModel.class)
    @ConditionalOnMissingBean
    LemChatModel lemChatModel(
            LemModel model,
            LemChatProperties properties,
            ObjectProvider<ObservationRegistry> observations,
            ObjectProvider<ChatModelObservationConvention> convention) {
        LemChatModel.Builder builder = LemChatModel.builder(model)
                .options(properties.options().chatOptions())
                .observationRegistry(observations.getIfUnique(() -> ObservationRegistry.NOOP));
        if (properties.name() != null) {
            builder.name(properties.name());
        }
        convention.ifAvailable(builder::observationConvention);
        return builder.build();
    }
}
