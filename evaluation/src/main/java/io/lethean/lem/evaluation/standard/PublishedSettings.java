package io.lethean.lem.evaluation.standard;

import io.lethean.lem.model.GenerationOptions;

/** The published project's settings: temperature 0.3. The seed is ours; the published one is not recorded. */
final class PublishedSettings {

    private static final double TEMPERATURE = 0.3;

    /** Of all answers, so that a run can be repeated. */
    private static final long SEED = 42;

    private PublishedSettings() {}

    static GenerationOptions of(int maxTokens) {
        return GenerationOptions.builder()
                .maxTokens(maxTokens)
                .temperature(TEMPERATURE)
                .seed(SEED)
                .build();
    }
}
