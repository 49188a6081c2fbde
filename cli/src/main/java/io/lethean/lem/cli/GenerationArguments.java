package io.lethean.lem.cli;

import io.lethean.lem.model.GenerationOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options that say how tokens are chosen and when to stop. */
final class GenerationArguments {

    @Spec(Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec command;

    @Option(
            names = {"-n", "--max-tokens"},
            paramLabel = "N",
            description = "Most tokens to generate. Default: ${DEFAULT-VALUE}.")
    private int maxTokens = 256;

    @Option(names = "--temperature", description = "0 takes the most likely token. Default: ${DEFAULT-VALUE}.")
    private double temperature = 0;

    @Option(names = "--top-k", description = "Keep the k most likely tokens, 0 keeps all. Default: ${DEFAULT-VALUE}.")
    private int topK = 0;

    @Option(names = "--top-p", description = "Keep tokens up to this share of probability. Default: ${DEFAULT-VALUE}.")
    private double topP = 1;

    @Option(names = "--min-p", description = "Keep tokens this share as likely as the best. Default: ${DEFAULT-VALUE}.")
    private double minP = 0;

    @Option(names = "--repeat-penalty", description = "1 is off. Default: ${DEFAULT-VALUE}.")
    private double repeatPenalty = 1;

    @Option(names = "--repeat-last-n", description = "Tokens the penalty looks at. Default: ${DEFAULT-VALUE}.")
    private int repeatLastN = 64;

    @Option(names = "--seed", description = "The same seed gives the same text. Default: a fresh one.")
    private @Nullable Long seed;

    @Option(names = "--stop", paramLabel = "TEXT", description = "Ends the text; repeatable.")
    private List<String> stop = List.of();

    @Option(names = "--grammar-file", paramLabel = "FILE", description = "GBNF grammar that the text must follow.")
    private @Nullable Path grammarFile;

    @Option(names = "--json-schema-file", paramLabel = "FILE", description = "JSON Schema that the text must follow.")
    private @Nullable Path jsonSchemaFile;

    GenerationOptions options() throws IOException {
        GenerationOptions.Builder builder = GenerationOptions.builder();
        if (seed != null) {
            builder.seed(seed);
        }
        if (grammarFile != null) {
            builder.grammar(TextFile.read(grammarFile));
        }
        if (jsonSchemaFile != null) {
            builder.jsonSchema(TextFile.read(jsonSchemaFile));
        }
        try {
            return builder.maxTokens(maxTokens)
                    .temperature(temperature)
                    .topK(topK)
                    .topP(topP)
                    .minP(minP)
                    .repeatPenalty(repeatPenalty)
                    .repeatLastN(repeatLastN)
                    .stop(stop)
                    .build();
        } catch (IllegalArgumentException outOfRange) {
            throw new ParameterException(command.commandLine(), outOfRange.getMessage(), outOfRange);
        }
    }
}
