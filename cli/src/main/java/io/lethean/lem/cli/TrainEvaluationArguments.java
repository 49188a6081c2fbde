package io.lethean.lem.cli;

import io.lethean.lem.train.options.TrainingOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** When a training reports, validates and saves. */
@Command(optionListHeading = "%nReports, validation and checkpoints:%n")
final class TrainEvaluationArguments {

    private final TrainingOptions.Builder options;

    TrainEvaluationArguments(TrainingOptions.Builder options) {
        this.options = options;
    }

    @Option(
            names = "--steps-per-report",
            paramLabel = "N",
            description = "Iterations between reports. Default: ${DEFAULT-VALUE}.")
    void reportEvery(int value) {
        options.reportEvery(value);
    }

    @Option(
            names = "--steps-per-eval",
            paramLabel = "N",
            description = "Iterations between validations. Default: ${DEFAULT-VALUE}.")
    void evalEvery(int value) {
        options.evalEvery(value);
    }

    @Option(
            names = "--val-batches",
            paramLabel = "N",
            description = "Batches of a validation; -1 for all. Default: ${DEFAULT-VALUE}.")
    void validationBatches(int value) {
        options.validationBatches(value);
    }

    @Option(
            names = "--patience",
            paramLabel = "N",
            description = "Stop after N validations without a better loss; 0 disables that. Default: ${DEFAULT-VALUE}.")
    void patience(int value) {
        options.patience(value);
    }

    @Option(
            names = "--save-every",
            paramLabel = "N",
            description = "Iterations between checkpoints. Default: ${DEFAULT-VALUE}.")
    void saveEvery(int value) {
        options.saveEvery(value);
    }
}
