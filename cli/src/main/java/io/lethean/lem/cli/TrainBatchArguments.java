package io.lethean.lem.cli;

import io.lethean.lem.train.options.TrainingOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** How long is trained, and on which samples. */
@Command(optionListHeading = "%nLength and samples:%n")
final class TrainBatchArguments {

    private final TrainingOptions.Builder options;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec command;

    @Option(names = "--iters", paramLabel = "N", description = "Batches to train on. Default: 1000.")
    private @Nullable Integer iterations;

    @Option(names = "--epochs", paramLabel = "N", description = "Passes over the data, instead of --iters.")
    private @Nullable Integer epochs;

    TrainBatchArguments(TrainingOptions.Builder options) {
        this.options = options;
    }

    @Option(names = "--batch-size", paramLabel = "N", description = "Samples in a batch. Default: ${DEFAULT-VALUE}.")
    void batchSize(int value) {
        options.batchSize(value);
    }

    @Option(
            names = "--grad-accumulation-steps",
            paramLabel = "N",
            description = "Batches per update. Default: ${DEFAULT-VALUE}.")
    void gradientAccumulation(int value) {
        options.gradientAccumulation(value);
    }

    @Option(
            names = "--max-seq-length",
            paramLabel = "TOKENS",
            description = "Skip longer samples. Default: ${DEFAULT-VALUE}.")
    void maxSequenceLength(int value) {
        options.maxSequenceLength(value);
    }

    @Option(names = "--truncate", description = "Cut longer samples at their end instead.")
    void truncate(boolean value) {
        options.truncate(value);
    }

    @Option(names = "--pack", description = "Put several samples into one row.")
    void pack(boolean value) {
        options.pack(value);
    }

    @Option(names = "--mask-prompt", description = "Learn only the assistant's turns.")
    void maskPrompt(boolean value) {
        options.maskPrompt(value);
    }

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of the initial values, the order of the data and dropout. Default: ${DEFAULT-VALUE}.")
    void seed(long value) {
        options.seed(value);
    }

    /** Either of the two on the command line overrides both of a configuration file. */
    void addLength() {
        ParseResult given = command.commandLine().getParseResult();
        boolean iterationsGiven = given.hasMatchedOption("--iters");
        if (iterationsGiven && given.hasMatchedOption("--epochs")) {
            throw new IllegalArgumentException("--iters and --epochs both say how long to train; give one of them.");
        }
        if (iterations != null) {
            options.iterations(iterations);
        }
        if (epochs != null && !iterationsGiven) {
            options.epochs(epochs);
        }
    }
}
