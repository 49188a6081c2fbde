package io.lethean.lem.spring.autoconfigure;

import io.lethean.lem.model.LemModel;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;

/**
 * The health of each {@link LemModel} among the beans, under {@code lem} and the name of the bean. {@code
 * management.health.lem.enabled=false} leaves it out.
 */
@AutoConfiguration(after = {LemChatAutoConfiguration.class, LemEmbeddingAutoConfiguration.class})
@ConditionalOnClass({HealthContributor.class, ConditionalOnEnabledHealthIndicator.class})
@Conditional(OnAnyLemModel.class)
public final class LemHealthAutoConfiguration {

    /** For Spring. */
    LemHealthAutoConfiguration() {}

    @Bean
    @ConditionalOnEnabledHealthIndicator("lem")
    @ConditionalOnMissingBean(name = {"lemHealthContributor", "lemHealthIndicator"})
    HealthContributor lemHealthContributor(ListableBeanFactory beans) {
        Map<String, LemModel> models = new LinkedHashMap<>();
        beans.getBeansOfType(LemModel.class).forEach((name, model) -> {
            if (models.values().stream().noneMatch(other -> other == model)) {
                models.put(name, model);
            }
        });
        return CompositeHealthContributor.fromMap(models, LemHealthIndicator::new);
    }
}
