package io.lethean.lem.train;

import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is trained on what, and how: mlx-lm's options with its defaults where it has them.
 *
 * <p>In PEFT's terms {@code rank} is {@code r}, {@code scale} is {@code lora_alpha / r}, {@code targets} is {@code
 * target_modules} (q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj), {@code layers} is a {@code
 * layers_to_transform} that names the last ones, {@code dropout} is {@code lora_dropout}, and the rest is of its trainer.
 *
 * @param model the GGUF file; it is read and never written
 * @param data the folder with {@code train.jsonl} and, if the training is to be measured, {@code valid.jsonl}
 * @param adapterFolder where the adapter, or with {@link FineTuneType#FULL} the model, checkpoints and the log go; made
 *     where it is missing
 * @param fineTuneType whether an adapter is trained, the default, or all weights; rank, scale, layers and targets are of
 *     adapters alone
 * @param rank of the update of each matrix, default 8
 * @param scale the product of the factors is multiplied by it, default 20; alpha, as files keep it, is scale times rank
 * @param dropout the part of each update's inputs that is left out at random in every step, default 0
 * @param layers how many are adapted, counted from the last, default 16; -1 for all
 * @param targets which matrices of those layers are adapted, default all seven
 * @param iterations batches to train on, default 1000; 0 where {@code epochs} says it
 * @param epochs passes over the data; 0, the default, where {@code iterations} says it
 * @param batchSize samples in a batch, default 4
 * @param gradientAccumulation batches whose gradients are added up for one update, default 1; the loss is the mean over
 *     all their trained tokens
 * @param optimizer AdamW, the default, or plain gradient descent
 * @param learningRate at its peak, default 1e-5
 * @param schedule how it falls, default constant
 * @param finalLearningRate what linear and cosine schedules fall to, default 0
 * @param warmupUpdates over how many updates it rises to the peak, default 0
 * @param weightDecay decoupled from the gradient, default 0, which makes AdamW mlx-lm's default {@code adam}
 * @param clipNorm gradients are shortened to this norm over all matrices; 0, the default, for never
 * @param seed what the first numbers of the adapter and the order of the data follow from, default 0
 * @param maxSequenceLength tokens of the longest sample, default 2048; longer ones are left out
 * @param truncate cut longer samples at their end instead, default false
 * @param pack put several samples into one row of at most {@code maxSequenceLength} tokens, default false; they do not
 *     see each other
 * @param maskPrompt learn only what the assistant says, default false
 * @param reportEvery iterations between reports, default 10
 * @param evalEvery iterations between validations, default 200; also before the first and after the last
 * @param validationBatches batches of a validation, always the same ones, default 25; -1 for all
 * @param patience validations in a row without a better loss that end the training early; 0, the default, for never
 * @param saveEvery iterations between checkpoints, default 100; one is also saved at the end
 * @param threads of the CPU; 0, the default, leaves one processor free
 * @param transposed how the transposes of the frozen weights are kept; null, the default, for f16 where that fits into
 *     memory, else q8_0, else none
 * @param maxMemoryBytes what training may take beside the model; 0, the default, for what is free
 */
public record TrainingOptions(
        Path model,
        Path data,
        Path adapterFolder,
        FineTuneType fineTuneType,
        int rank,
        float scale,
        double dropout,
        int layers,
        Set<Target> targets,
        int iterations,
        int epochs,
        int batchSize,
        int gradientAccumulation,
        OptimizerStep.Method optimizer,
        double learningRate,
        LearningRateSchedule schedule,
        double finalLearningRate,
        int warmupUpdates,
        double weightDecay,
        double clipNorm,
        long seed,
        int maxSequenceLength,
        boolean truncate,
        boolean pack,
        boolean maskPrompt,
        int reportEvery,
        int evalEvery,
        int validationBatches,
        int patience,
        int saveEvery,
        int threads,
        @Nullable TransposedType transposed,
        long maxMemoryBytes) {

    /** Stands for all layers, or all batches of the validation. */
    public static final int ALL = -1;

    public TrainingOptions {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(data, "data");
        Objects.requireNonNull(adapterFolder, "adapterFolder");
        Objects.requireNonNull(fineTuneType, "fineTuneType");
        Objects.requireNonNull(optimizer, "optimizer");
        Objects.requireNonNull(schedule, "schedule");
        requireAtLeast("rank", rank, 1);
        require(Float.isFinite(scale) && scale > 0, "scale", scale, "a positive number");
        require(dropout >= 0 && dropout < 1, "dropout", dropout, "at least 0 and below 1");
        require(
                dropout == 0 || fineTuneType == FineTuneType.LORA,
                "dropout",
                dropout,
                "0 where all weights are trained, because it is of adapters");
        require(layers == ALL || layers >= 1, "layers", layers, "at least 1, or -1 for all");
        require(!targets.isEmpty(), "targets", targets, "at least one of q, k, v, o, gate, up and down");
        require(
                iterations >= 0 && epochs >= 0 && (iterations == 0) != (epochs == 0),
                "iterations",
                iterations,
                "at least 1, unless epochs (" + epochs + ") says how long to train");
        requireAtLeast("batch size", batchSize, 1);
        requireAtLeast("gradient accumulation", gradientAccumulation, 1);
        requireRate("learning rate", learningRate);
        requireRate("final learning rate", finalLearningRate);
        requireAtLeast("warm-up", warmupUpdates, 0);
        requireRate("weight decay", weightDecay);
        requireRate("norm to clip at", clipNorm);
        requireAtLeast("longest sequence", maxSequenceLength, 2);
        requireAtLeast("number of iterations between reports", reportEvery, 1);
        requireAtLeast("number of iterations between validations", evalEvery, 1);
        require(
                validationBatches == ALL || validationBatches >= 1,
                "validation batches",
                validationBatches,
                "at least 1, or -1 for all");
        requireAtLeast("patience", patience, 0);
        requireAtLeast("number of iterations between checkpoints", saveEvery, 1);
        requireAtLeast("threads", threads, 0);
        require(maxMemoryBytes >= 0, "most memory", maxMemoryBytes, "at least 0");
        targets = Collections.unmodifiableSet(EnumSet.copyOf(targets));
    }

    private static void requireAtLeast(String name, int value, int least) {
        require(value >= least, name, value, "at least " + least);
    }

    private static void requireRate(String name, double value) {
        require(Double.isFinite(value) && value >= 0, name, value, "a number of at least 0");
    }

    private static void require(boolean holds, String name, Object value, String range) {
        if (!holds) {
            throw new IllegalArgumentException("The " + name + " is " + value + " and must be " + range + ".");
        }
    }

    /** The norm to clip at as the optimizer takes it. */
    double clipNormOrNever() {
        return clipNorm == 0 ? Double.POSITIVE_INFINITY : clipNorm;
    }

    int threadsOrDefault() {
        return threads == 0 ? Math.max(1, Runtime.getRuntime().availableProcessors() - 1) : threads;
    }

    /** The projections of the last layers of a model. */
    AdapterSpec adapter(int modelLayers) {
        int first = layers == ALL ? 0 : Math.max(0, modelLayers - layers);
        return new AdapterSpec(rank, scale, targets, first, dropout);
    }

    /** A builder with the defaults. */
    public static Builder builder(Path model, Path data, Path adapterFolder) {
        return new Builder(model, data, adapterFolder);
    }

    /** Sets options by name; see the record's components for meaning and range. */
    public static final class Builder {
        private final Path model;
        private final Path data;
        private final Path adapterFolder;
        private FineTuneType fineTuneType = FineTuneType.LORA;
        private int rank = 8;
        private float scale = 20;
        private double dropout;
        private int layers = 16;
        private Set<Target> targets = EnumSet.allOf(Target.class);
        private int iterations = 1000;
        private int epochs;
        private int batchSize = 4;
        private int gradientAccumulation = 1;
        private OptimizerStep.Method optimizer = OptimizerStep.Method.ADAMW;
        private double learningRate = 1e-5;
        private LearningRateSchedule schedule = LearningRateSchedule.CONSTANT;
        private double finalLearningRate;
        private int warmupUpdates;
        private double weightDecay;
        private double clipNorm;
        private long seed;
        private int maxSequenceLength = 2048;
        private boolean truncate;
        private boolean pack;
        private boolean maskPrompt;
        private int reportEvery = 10;
        private int evalEvery = 200;
        private int validationBatches = 25;
        private int patience;
        private int saveEvery = 100;
        private int threads;
        private @Nullable TransposedType transposed;
        private long maxMemoryBytes;

        private Builder(Path model, Path data, Path adapterFolder) {
            this.model = model;
            this.data = data;
            this.adapterFolder = adapterFolder;
        }

        public Builder fineTuneType(FineTuneType value) {
            fineTuneType = value;
            return this;
        }

        public Builder rank(int value) {
            rank = value;
            return this;
        }

        public Builder scale(float value) {
            scale = value;
            return this;
        }

        public Builder dropout(double value) {
            dropout = value;
            return this;
        }

        public Builder layers(int value) {
            layers = value;
            return this;
        }

        public Builder targets(Set<Target> value) {
            targets = value;
            return this;
        }

        /** Trains for so many batches, and no longer for a number of epochs. */
        public Builder iterations(int value) {
            iterations = value;
            epochs = 0;
            return this;
        }

        /** Trains for so many passes over the data, and no longer for a number of batches. */
        public Builder epochs(int value) {
            epochs = value;
            iterations = 0;
            return this;
        }

        public Builder batchSize(int value) {
            batchSize = value;
            return this;
        }

        public Builder gradientAccumulation(int value) {
            gradientAccumulation = value;
            return this;
        }

        public Builder optimizer(OptimizerStep.Method value) {
            optimizer = value;
            return this;
        }

        public Builder learningRate(double value) {
            learningRate = value;
            return this;
        }

        public Builder schedule(LearningRateSchedule value) {
            schedule = value;
            return this;
        }

        public Builder finalLearningRate(double value) {
            finalLearningRate = value;
            return this;
        }

        public Builder warmupUpdates(int value) {
            warmupUpdates = value;
            return this;
        }

        public Builder weightDecay(double value) {
            weightDecay = value;
            return this;
        }

        public Builder clipNorm(double value) {
            clipNorm = value;
            return this;
        }

        public Builder seed(long value) {
            seed = value;
            return this;
        }

        public Builder maxSequenceLength(int value) {
            maxSequenceLength = value;
            return this;
        }

        public Builder truncate(boolean value) {
            truncate = value;
            return this;
        }

        public Builder pack(boolean value) {
            pack = value;
            return this;
        }

        public Builder maskPrompt(boolean value) {
            maskPrompt = value;
            return this;
        }

        public Builder reportEvery(int value) {
            reportEvery = value;
            return this;
        }

        public Builder evalEvery(int value) {
            evalEvery = value;
            return this;
        }

        public Builder validationBatches(int value) {
            validationBatches = value;
            return this;
        }

        public Builder patience(int value) {
            patience = value;
            return this;
        }

        public Builder saveEvery(int value) {
            saveEvery = value;
            return this;
        }

        public Builder threads(int value) {
            threads = value;
            return this;
        }

        public Builder transposed(@Nullable TransposedType value) {
            transposed = value;
            return this;
        }

        public Builder maxMemoryBytes(long value) {
            maxMemoryBytes = value;
            return this;
        }

        /** @throws IllegalArgumentException naming the option that is out of range */
        public TrainingOptions build() {
            return new TrainingOptions(
                    model,
                    data,
                    adapterFolder,
                    fineTuneType,
                    rank,
                    scale,
                    dropout,
                    layers,
                    targets,
                    iterations,
                    epochs,
                    batchSize,
                    gradientAccumulation,
                    optimizer,
                    learningRate,
                    schedule,
                    finalLearningRate,
                    warmupUpdates,
                    weightDecay,
                    clipNorm,
                    seed,
                    maxSequenceLength,
                    truncate,
                    pack,
                    maskPrompt,
                    reportEvery,
                    evalEvery,
                    validationBatches,
                    patience,
                    saveEvery,
                    threads,
                    transposed,
                    maxMemoryBytes);
        }
    }
}
