package io.lethean.lem.cli;

import io.lethean.lem.model.GenerationOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every command that generates answers; each command brings its own defaults. */
@Heading("Generation")
final class AnswerArguments {

    @Option(
            names = {"-n", "--max-tokens", "--n-predict"},
            paramLabel = "N",
            description = "Maximum number of tokens to generate per answer. Default: ${DEFAULT-VALUE}.")
    private @Nullable Integer maxTokens;

    @Option(
            names = {"--temperature", "--temp"},
            paramLabel = "X",
            description = "Sampling temperature; 0 always takes the most likely token. Default: ${DEFAULT-VALUE}.")
    private @Nullable Double temperature;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of the sampling; the same seed gives the same text. Default: ${DEFAULT-VALUE}.")
    private @Nullable Long seed;

    /** No defaults: what is not given stays as the command's other options decide. */
    AnswerArguments() {}

    AnswerArguments(GenerationOptions defaults) {
        maxTokens = defaults.maxTokens();
        temperature = defaults.sampling().temperature();
    }

    /** Sets what is given, or is a default. */
    void applyTo(GenerationOptions.Builder options) {
        if (maxTokens != null) {
            options.maxTokens(maxTokens);
        }
        if (temperature != null) {
            options.temperature(temperature);
        }
        if (seed != null) {
            options.seed(seed);
        }
    }
}
