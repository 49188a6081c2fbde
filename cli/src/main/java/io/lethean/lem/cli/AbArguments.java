package io.lethean.lem.cli;

import io.lethean.lem.evaluation.ab.AbPlan;
import io.lethean.lem.model.GenerationOptions;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How the questions of an A/B run are answered, with the published protocol's defaults. */
final class AbArguments {

    @Mixin
    private AnswerArguments answers = new AnswerArguments(AbPlan.publishedOptions());

    @Option(
            names = "--samples",
            paramLabel = "N",
            description = "Answers to each probe under each condition; more than one needs a temperature above 0."
                    + " Default: ${DEFAULT-VALUE}.")
    int samples = 1;

    GenerationOptions options() {
        GenerationOptions.Builder builder = AbPlan.publishedOptions().toBuilder();
        answers.applyTo(builder);
        return builder.build();
    }
}
