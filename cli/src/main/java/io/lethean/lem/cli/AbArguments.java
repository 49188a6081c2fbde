package io.lethean.lem.cli;

import io.lethean.lem.evaluation.bench.AbPlan;
import io.lethean.lem.model.GenerationOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How the questions of an A/B run are answered, with the published protocol's defaults. */
final class AbArguments {

    @Option(
            names = {"-n", "--max-tokens"},
            paramLabel = "N",
            description = "Most tokens of an answer. Default: ${DEFAULT-VALUE}.")
    private int maxTokens = AbPlan.publishedOptions().maxTokens();

    @Option(names = "--temperature", description = "0, the published protocol, is greedy. Default: ${DEFAULT-VALUE}.")
    private double temperature = 0;

    @Option(names = "--seed", description = "Of the random choice where the temperature is above 0.")
    private @Nullable Long seed;

    @Option(
            names = "--samples",
            paramLabel = "N",
            description = "Answers to each probe under each condition; more than one needs a temperature above 0."
                    + " Default: ${DEFAULT-VALUE}.")
    int samples = 1;

    GenerationOptions options() {
        GenerationOptions.Builder builder =
                AbPlan.publishedOptions().toBuilder().maxTokens(maxTokens).temperature(temperature);
        if (seed != null) {
            builder.seed(seed);
        }
        return builder.build();
    }
}
