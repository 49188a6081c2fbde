package io.lethean.lem.cli;

import io.lethean.lem.train.options.TrainingOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What a training may use of the machine. */
@Command(optionListHeading = "%nDevice, threads and memory:%n")
final class TrainResourceArguments {

    private static final long BYTES_PER_MB = 1_000_000;

    private final TrainingOptions.Builder options;

    TrainResourceArguments(TrainingOptions.Builder options) {
        this.options = options;
    }

    @Option(
            names = "--device",
            paramLabel = "NAME",
            description = "What computes: cpu, auto for the first GPU, or the name of a device; 'lem info' lists them."
                    + " Default: ${DEFAULT-VALUE}.")
    void device(String value) {
        options.device(value);
    }

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            description = "CPU threads; 0 leaves one processor free. Default: ${DEFAULT-VALUE}.")
    void threads(int value) {
        options.threads(value);
    }

    @Option(
            names = "--max-memory",
            paramLabel = "MB",
            description = "Memory to use in addition to the model. Default: the free memory.")
    void maxMemory(int value) {
        options.maxMemoryBytes(value * BYTES_PER_MB);
    }
}
