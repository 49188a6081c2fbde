package io.lethean.lem.cli;

import io.lethean.lem.train.options.TrainingFiles;
import io.lethean.lem.train.options.TrainingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The options of a training, under mlx-lm's names. Each option is a method that sets one option of the library's
 * builder; {@link TrainDefaults} has the default values.
 */
@Command(optionListHeading = "%nModel and files:%n")
final class TrainArguments {

    private final TrainingOptions.Builder options =
            TrainingOptions.builder(Path.of("model.gguf"), Path.of("data"), Path.of("adapters"));

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec command;

    @Option(
            names = {"-m", "--model"},
            paramLabel = "FILE",
            description = HubNames.MODEL + " It is only read. " + ModelLocator.DEFAULT)
    private @Nullable Path model;

    private @Nullable LocatedModel located;

    @Option(
            names = "--data",
            paramLabel = "FOLDER",
            description = "Folder with train.jsonl and, for a validation loss, valid.jsonl. Default: ${DEFAULT-VALUE}.")
    private Path data = Path.of("data");

    @Option(
            names = "--adapter-path",
            paramLabel = "FOLDER",
            description = "Folder for adapter.gguf, checkpoints and events.jsonl. Default: ${DEFAULT-VALUE}.")
    private Path adapterPath = Path.of("adapters");

    @Mixin
    private TrainTuningArguments tuning = new TrainTuningArguments(options);

    @Mixin
    private TrainBatchArguments batch = new TrainBatchArguments(options);

    @Mixin
    private TrainOptimizerArguments optimizer = new TrainOptimizerArguments(options);

    @Mixin
    private TrainEvaluationArguments evaluation = new TrainEvaluationArguments(options);

    @Mixin
    final TrainTestArguments test = new TrainTestArguments();

    @Mixin
    private TrainResourceArguments resources = new TrainResourceArguments(options);

    LocatedModel model() throws IOException {
        LocatedModel found =
                located == null ? ModelLocator.ofProcess(HubNames.of(command)).locate(model) : located;
        located = found;
        return found;
    }

    /**
     * The options that were given; missing files are named.
     *
     * @param needsData whether the data folder must exist
     */
    TrainingOptions options(boolean needsData) throws IOException {
        Path file = model().file();
        if (needsData) {
            requireFolder(data);
        }
        try {
            tuning.addStart();
            tuning.addAlpha();
            batch.addLength();
            optimizer.addWeightDecay();
            return options.files(new TrainingFiles(file, data, adapterPath)).build();
        } catch (IllegalArgumentException outOfRange) {
            throw new ParameterException(command.commandLine(), outOfRange.getMessage(), outOfRange);
        }
    }

    private static void requireFolder(Path data) throws IOException {
        if (!Files.exists(data)) {
            throw new NoSuchFileException(
                    data.toString(),
                    null,
                    "The data folder " + data + ", named by --data, does not"
                            + " exist; it should contain train.jsonl, one example per line.");
        }
        if (!Files.isDirectory(data)) {
            throw new NotDirectoryException(data.toString());
        }
    }
}
