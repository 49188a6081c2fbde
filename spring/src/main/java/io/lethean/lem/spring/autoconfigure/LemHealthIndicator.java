package io.lethean.lem.spring.autoconfigure;

import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelInfo;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/** Whether a model can answer. It asks for the state of the model and does not wait for answers. */
final class LemHealthIndicator extends AbstractHealthIndicator {

    private final LemModel model;

    LemHealthIndicator(LemModel model) {
        super("The state of the model cannot be found out.");
        this.model = model;
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        ModelInfo info = model.info();
        builder.withDetail("file", String.valueOf(info.weights().path().getFileName()))
                .withDetail("architecture", info.architecture().description())
                .withDetail("contextTokens", info.context().tokens())
                .withDetail("devices", info.compute().devices())
                .withDetail("llamaCpp", info.build().llamaCppVersion());
        try {
            model.requireUsable();
            builder.up().withDetail("parallel", model.parallel());
        } catch (RuntimeException unusable) {
            builder.down(unusable);
        }
    }
}
