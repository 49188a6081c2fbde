package io.lethean.lem.spring.autoconfigure;

import io.lethean.lem.spring.LemChatModel;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** Meters of speed and waiting, where the application has a registry of meters; see {@link LemMeterObservationHandler}. */
@AutoConfiguration(
        after = LemChatAutoConfiguration.class,
        afterName = "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean({MeterRegistry.class, LemChatModel.class})
public final class LemMetricsAutoConfiguration {

    /** For Spring. */
    LemMetricsAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean
    LemMeterObservationHandler lemMeterObservationHandler(MeterRegistry meters) {
        return new LemMeterObservationHandler(meters);
    }
}
