package io.lethean.lem.cli;

import io.lethean.lem.model.GenerationOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options that say how tokens are chosen and when to stop. */
@Heading("Generation")
final class GenerationArguments {

    @Spec(Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec command;

    @Mixin
    private AnswerArguments answers = new AnswerArguments(
            GenerationOptions.builder().maxTokens(256).temperature(0).build());

    @Option(
            names = "--top-k",
            paramLabel = "K",
            description = "Sample from the K most likely tokens; 0 uses all. Default: ${DEFAULT-VALUE}.")
    private int topK = 0;

    @Option(
            names = "--typical-p",
            paramLabel = "P",
            description =
                    "Locally typical sampling: keep the tokens with a likelihood nearest to the expected one that have"
                            + " the probability P together; 1 disables it. Default: ${DEFAULT-VALUE}.")
    private double typicalP = 1;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            description = "Nucleus sampling: keep the most likely tokens that have the probability P together."
                    + " Default: ${DEFAULT-VALUE}.")
    private double topP = 1;

    @Option(
            names = "--min-p",
            paramLabel = "P",
            description = "Drop tokens less likely than P times the most likely one. Default: ${DEFAULT-VALUE}.")
    private double minP = 0;

    @Option(
            names = "--repeat-penalty",
            paramLabel = "X",
            description = "Penalty for tokens that were used recently; 1 disables it. Default: ${DEFAULT-VALUE}.")
    private double repeatPenalty = 1;

    @Option(
            names = "--repeat-last-n",
            paramLabel = "N",
            description = "Number of recent tokens that the repeat penalty applies to. Default: ${DEFAULT-VALUE}.")
    private int repeatLastN = 64;

    @Option(
            names = "--presence-penalty",
            paramLabel = "X",
            description = "Subtract this from the logits of tokens that the answer has. Default: ${DEFAULT-VALUE}.")
    private double presencePenalty = 0;

    @Option(
            names = "--frequency-penalty",
            paramLabel = "X",
            description = "Subtract this from the logit of a token as often as the answer has it."
                    + " Default: ${DEFAULT-VALUE}.")
    private double frequencyPenalty = 0;

    @Option(
            names = "--logit-bias",
            paramLabel = "ID=X",
            description = "Add X to the logit of the token ID; -inf means never. Repeatable.")
    private List<String> logitBias = List.of();

    @Option(
            names = "--time-limit",
            paramLabel = "SECONDS",
            description = "End an answer after this time, which includes the prompt. Default: no limit.")
    private @Nullable Double timeLimit;

    @Option(
            names = "--prompt-lookup",
            description =
                    "Draft tokens from what followed the last ones before, in prompt and answer. Faster where the answer"
                            + " repeats parts of the prompt; the answer is the same.")
    private boolean promptLookup;

    @Option(names = "--stop", paramLabel = "TEXT", description = "Stop before this text; repeatable.")
    private List<String> stop = List.of();

    @Option(names = "--grammar-file", paramLabel = "FILE", description = "GBNF grammar that the text must follow.")
    private @Nullable Path grammarFile;

    @Option(names = "--json-schema-file", paramLabel = "FILE", description = "JSON Schema that the text must follow.")
    private @Nullable Path jsonSchemaFile;

    GenerationOptions options() throws IOException {
        GenerationOptions.Builder builder = GenerationOptions.builder();
        if (grammarFile != null) {
            builder.grammar(TextFile.read(grammarFile));
        }
        if (jsonSchemaFile != null) {
            builder.jsonSchema(TextFile.read(jsonSchemaFile));
        }
        return Usage.valid(command, () -> {
            answers.applyTo(builder);
            if (timeLimit != null) {
                builder.timeLimit(OptionValues.seconds(timeLimit));
            }
            return builder.topK(topK)
                    .typicalP(typicalP)
                    .topP(topP)
                    .minP(minP)
                    .repeatPenalty(repeatPenalty)
                    .repeatLastN(repeatLastN)
                    .presencePenalty(presencePenalty)
                    .frequencyPenalty(frequencyPenalty)
                    .logitBias(LogitBiasArgument.parse(logitBias))
                    .stop(stop)
                    .promptLookup(promptLookup)
                    .build();
        });
    }
}
