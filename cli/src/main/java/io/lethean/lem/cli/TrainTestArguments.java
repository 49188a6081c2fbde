package io.lethean.lem.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What mlx-lm's command can do in addition to a training. */
@Command(optionListHeading = "%nTest:%n")
final class TrainTestArguments {

    @Option(
            names = "--test",
            description =
                    "After the training, measure loss and perplexity of the result on test.jsonl. If the training had"
                            + " ended before and is resumed, only measure.")
    boolean given;

    @Option(
            names = "--test-batches",
            paramLabel = "N",
            defaultValue = "500",
            description = "Batches of the test; -1 for all. Default: ${DEFAULT-VALUE}.")
    int batches = 500;

    @Option(
            names = "--grad-checkpoint",
            description = "Accepted for mlx-lm's scripts: activations are computed again in the backward pass by"
                    + " themselves if they do not fit into the memory, which --max-memory limits.")
    boolean gradCheckpoint;

    /** A training of hours should not end with a file that is missing. */
    static void requireData(Path data) throws IOException {
        Path file = data.resolve("test.jsonl");
        if (!Files.exists(file)) {
            throw new NoSuchFileException(
                    file.toString(), null, "The file " + file + " does not exist, and --test measures on it.");
        }
    }
}
