package io.lethean.lem.cli;

import io.lethean.lem.train.FineTuneType;
import io.lethean.lem.train.LearningRateSchedule;
import io.lethean.lem.train.OptimizerStep;
import io.lethean.lem.train.Target;
import io.lethean.lem.train.TrainingOptions;
import io.lethean.lem.train.TransposedType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of a training, under mlx-lm's names and with its defaults where it has them. */
final class TrainArguments {

    /** The optimizers by the names that users know. */
    enum OptimizerName {
        ADAM,
        ADAMW,
        SGD
    }

    /** mlx-lm's kinds of fine-tuning, of which {@link FineTuneType} has those that can be trained. */
    enum FineTuneName {
        LORA,
        DORA,
        FULL
    }

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec command;

    @Option(
            names = {"-m", "--model"},
            paramLabel = "FILE",
            description = "GGUF file, only read. Default: LEM_MODEL, then default_model of lem.config.json, then"
                    + " models/lem-nano.gguf.")
    private @Nullable Path model;

    @Option(
            names = "--data",
            paramLabel = "FOLDER",
            description = "Folder with train.jsonl, and valid.jsonl to measure on. Default: ${DEFAULT-VALUE}.")
    private Path data = Path.of("data");

    @Option(
            names = "--adapter-path",
            paramLabel = "FOLDER",
            description = "Where adapter.gguf, checkpoints and events.jsonl go. Default: ${DEFAULT-VALUE}.")
    private Path adapterPath = Path.of("adapters");

    @Option(names = "--iters", paramLabel = "N", description = "Batches to train on. Default: 1000.")
    private @Nullable Integer iters;

    @Option(names = "--epochs", paramLabel = "N", description = "Passes over the data, instead of --iters.")
    private @Nullable Integer epochs;

    @Option(names = "--batch-size", paramLabel = "N", description = "Samples in a batch. Default: ${DEFAULT-VALUE}.")
    private int batchSize = 4;

    @Option(
            names = "--grad-accumulation-steps",
            paramLabel = "N",
            description = "Batches for one update. Default: ${DEFAULT-VALUE}.")
    private int gradientAccumulation = 1;

    @Option(names = "--learning-rate", paramLabel = "X", description = "At its peak. Default: ${DEFAULT-VALUE}.")
    private double learningRate = 1e-5;

    @Option(names = "--lr-schedule", description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private LearningRateSchedule schedule = LearningRateSchedule.CONSTANT;

    @Option(
            names = "--final-learning-rate",
            paramLabel = "X",
            description = "Where linear and cosine schedules end. Default: ${DEFAULT-VALUE}.")
    private double finalLearningRate = 0;

    @Option(
            names = "--warmup",
            paramLabel = "N",
            description = "Updates over which the learning rate rises. Default: ${DEFAULT-VALUE}.")
    private int warmup = 0;

    @Option(names = "--optimizer", description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private OptimizerName optimizer = OptimizerName.ADAM;

    @Option(names = "--weight-decay", paramLabel = "X", description = "Default: 0.01 for adamw, as in mlx-lm, else 0.")
    private @Nullable Double weightDecay;

    @Option(
            names = "--clip-norm",
            paramLabel = "X",
            description = "Shorten gradients to this norm; 0 for never. Default: ${DEFAULT-VALUE}.")
    private double clipNorm = 0;

    @Option(
            names = "--fine-tune-type",
            description = "lora, or full for all weights of a model in f32. Default: ${DEFAULT-VALUE}.")
    private FineTuneName fineTuneType = FineTuneName.LORA;

    @Option(names = "--rank", paramLabel = "N", description = "PEFT's r. Default: ${DEFAULT-VALUE}.")
    private int rank = 8;

    @Option(names = "--scale", paramLabel = "X", description = "PEFT's lora_alpha / r. Default: ${DEFAULT-VALUE}.")
    private float scale = 20;

    @Option(
            names = "--dropout",
            paramLabel = "X",
            description = "Part of each update's inputs that is left out at random. Default: ${DEFAULT-VALUE}.")
    private double dropout = 0;

    @Option(
            names = "--num-layers",
            paramLabel = "N",
            description = "The last layers that are adapted; -1 for all. Default: ${DEFAULT-VALUE}.")
    private int layers = 16;

    @Option(
            names = "--targets",
            split = ",",
            paramLabel = "NAME",
            description = "What is adapted in them, of ${COMPLETION-CANDIDATES}. Default: all.")
    private Set<Target> targets = EnumSet.allOf(Target.class);

    @Option(
            names = "--max-seq-length",
            paramLabel = "TOKENS",
            description = "Longer samples are left out. Default: ${DEFAULT-VALUE}.")
    private int maxSequenceLength = 2048;

    @Option(names = "--truncate", description = "Cut longer samples at their end instead.")
    private boolean truncate;

    @Option(names = "--pack", description = "Put several samples into one row.")
    private boolean pack;

    @Option(names = "--mask-prompt", description = "Learn only what the assistant says.")
    private boolean maskPrompt;

    @Option(
            names = "--steps-per-report",
            paramLabel = "N",
            description = "Iterations between reports. Default: ${DEFAULT-VALUE}.")
    private int reportEvery = 10;

    @Option(
            names = "--steps-per-eval",
            paramLabel = "N",
            description = "Iterations between validations. Default: ${DEFAULT-VALUE}.")
    private int evalEvery = 200;

    @Option(
            names = "--val-batches",
            paramLabel = "N",
            description = "Batches of a validation; -1 for all. Default: ${DEFAULT-VALUE}.")
    private int validationBatches = 25;

    @Option(
            names = "--patience",
            paramLabel = "N",
            description =
                    "Stop after so many validations without a better loss; 0 for never. Default: ${DEFAULT-VALUE}.")
    private int patience = 0;

    @Option(
            names = "--save-every",
            paramLabel = "N",
            description = "Iterations between checkpoints. Default: ${DEFAULT-VALUE}.")
    private int saveEvery = 100;

    @Option(names = "--seed", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private long seed = 0;

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            description = "Threads; 0 leaves one processor free. Default: ${DEFAULT-VALUE}.")
    private int threads = 0;

    @Option(
            names = "--transposed",
            description =
                    "How the transposed weights are kept: ${COMPLETION-CANDIDATES}. Default: f16, or what fits into"
                            + " memory.")
    private @Nullable TransposedType transposed;

    @Option(
            names = "--max-memory",
            paramLabel = "MB",
            description = "Memory to take beside the model's. Default: what is free.")
    private @Nullable Integer maxMemory;

    /**
     * What these say; missing files are named.
     *
     * @param needsData whether the data folder must be there
     */
    TrainingOptions options(boolean needsData) throws IOException {
        Path file = ModelLocator.ofProcess().locate(model);
        if (needsData) {
            requireFolder(data);
        }
        if (fineTuneType == FineTuneName.DORA) {
            throw new ParameterException(
                    command.commandLine(),
                    "--fine-tune-type " + fineTuneType + " cannot be trained,"
                            + " because a GGUF adapter has no place for it; lora and full can.");
        }
        try {
            return options(file);
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
                            + " exist; it should hold train.jsonl, one example a line.");
        }
        if (!Files.isDirectory(data)) {
            throw new NotDirectoryException(data.toString());
        }
    }

    private TrainingOptions options(Path file) {
        TrainingOptions.Builder builder = TrainingOptions.builder(file, data, adapterPath)
                .fineTuneType(fineTuneType == FineTuneName.FULL ? FineTuneType.FULL : FineTuneType.LORA)
                .rank(rank)
                .scale(scale)
                .dropout(dropout)
                .layers(layers)
                .targets(targets)
                .batchSize(batchSize)
                .gradientAccumulation(gradientAccumulation)
                .optimizer(optimizer == OptimizerName.SGD ? OptimizerStep.Method.SGD : OptimizerStep.Method.ADAMW)
                .weightDecay(weightDecay())
                .learningRate(learningRate)
                .schedule(schedule)
                .finalLearningRate(finalLearningRate)
                .warmupUpdates(warmup)
                .clipNorm(clipNorm)
                .seed(seed)
                .maxSequenceLength(maxSequenceLength)
                .truncate(truncate)
                .pack(pack)
                .maskPrompt(maskPrompt)
                .reportEvery(reportEvery)
                .evalEvery(evalEvery)
                .validationBatches(validationBatches)
                .patience(patience)
                .saveEvery(saveEvery)
                .threads(threads)
                .transposed(transposed)
                .maxMemoryBytes(maxMemory == null ? 0 : maxMemory * 1_000_000L);
        addLength(builder);
        return builder.build();
    }

    private double weightDecay() {
        return weightDecay != null ? weightDecay : optimizer == OptimizerName.ADAMW ? 0.01 : 0;
    }

    private void addLength(TrainingOptions.Builder builder) {
        if (iters != null && epochs != null) {
            throw new IllegalArgumentException("--iters and --epochs both say how long to train; give one of them.");
        }
        if (iters != null) {
            builder.iterations(iters);
        }
        if (epochs != null) {
            builder.epochs(epochs);
        }
    }
}
