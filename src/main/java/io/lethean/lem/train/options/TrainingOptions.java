package io.lethean.lem.train.options;

import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is trained on what, and how: mlx-lm's options, with its defaults where it has them.
 *
 * <pre>{@code
 * TrainingOptions options = TrainingOptions.builder(model, data, folder).iterations(200).maskPrompt(true).build();
 * }</pre>
 *
 * @param files what is read and written
 * @param tuning which weights are trained
 * @param batch how many batches of which size
 * @param optimizer learning rate, schedule, optimizer
 * @param seed of the adapter's initial values, the order of the data and the dropout, default 0
 * @param samples how examples become samples
 * @param evaluation when to report, validate and save
 * @param resources threads and memory
 */
public record TrainingOptions(
        TrainingFiles files,
        TuningOptions tuning,
        BatchOptions batch,
        OptimizerOptions optimizer,
        long seed,
        SampleOptions samples,
        EvaluationOptions evaluation,
        ResourceOptions resources) {

    /** Stands for all layers, or all batches of the validation. */
    public static final int ALL = -1;

    public TrainingOptions {
        Objects.requireNonNull(files, "files");
        Objects.requireNonNull(tuning, "tuning");
        Objects.requireNonNull(batch, "batch");
        Objects.requireNonNull(optimizer, "optimizer");
        Objects.requireNonNull(samples, "samples");
        Objects.requireNonNull(evaluation, "evaluation");
        Objects.requireNonNull(resources, "resources");
        OptionCheck.require(
                optimizer.optimizer() != OptimizerMethod.MUON
                        || tuning.fineTuneType().isAdapter(),
                "optimizer",
                "muon",
                "another one if all weights are trained, because Muon is for the matrices of an adapter here");
    }

    /** Every option of these files at its default. */
    public static TrainingOptions defaults(TrainingFiles files) {
        return new TrainingOptions(
                files,
                TuningOptions.defaults(),
                BatchOptions.defaults(),
                OptimizerOptions.defaults(),
                0,
                SampleOptions.defaults(),
                EvaluationOptions.defaults(),
                ResourceOptions.defaults());
    }

    /**
     * Every option as text, under mlx-lm's name with hyphens: {@code num-layers} is {@code 16}, {@code fine-tune-type}
     * is {@code lora}. An option that is null is an empty text.
     */
    public Map<String, String> named() {
        return NamedOptions.of(this);
    }

    /** A builder with the defaults. */
    public static Builder builder(Path model, Path data, Path adapterFolder) {
        return new Builder(defaults(new TrainingFiles(model, data, adapterFolder)));
    }

    /**
     * Sets single options. Each method has the name of the component that it sets, and the component says what the
     * option means: {@link TuningOptions}, {@link BatchOptions}, {@link OptimizerOptions}, {@link SampleOptions},
     * {@link EvaluationOptions}, {@link ResourceOptions}.
     */
    public static final class Builder {
        private final ChangedComponents values;

        private Builder(TrainingOptions defaults) {
            values = new ChangedComponents(defaults);
        }

        private Builder set(String component, @Nullable Object value) {
            values.set(component, value);
            return this;
        }

        /**
         * Sets an option by its name in {@link TrainingOptions#named()}, such as {@code batch-size}.
         *
         * @param text as {@link TrainingOptions#named()} has it; several targets may be separated by commas
         * @throws IllegalArgumentException if there is no such option, or the text is not a value of it
         */
        public Builder option(String name, String text) {
            RecordComponent component = values.component(name);
            set(component.getName(), OptionText.parse(name, component, text));
            return switch (component.getName()) {
                case "iterations" -> set("epochs", 0);
                case "epochs" -> set("iterations", 0);
                default -> this;
            };
        }

        public Builder files(TrainingFiles value) {
            return set("model", value.model()).set("data", value.data()).set("adapterFolder", value.adapterFolder());
        }

        public Builder fineTuneType(FineTuneType value) {
            return set("fineTuneType", value);
        }

        public Builder rank(int value) {
            return set("rank", value);
        }

        public Builder scale(float value) {
            return set("scale", value);
        }

        /**
         * Sets the scale by PEFT's {@code lora_alpha}; the rank must be set, too.
         *
         * @param alpha positive; the scale is alpha / rank
         * @param rootOfRank the scale is alpha / sqrt(rank) instead, as rsLoRA has it, so that updates of a large rank
         *     do not shrink
         */
        public Builder alpha(float alpha, boolean rootOfRank) {
            values.setScale(rank -> scaleOf(alpha, rank, rootOfRank));
            return this;
        }

        /** What reads back from a file, which stores the scale times the rank. */
        private static float scaleOf(float alpha, int rank, boolean rootOfRank) {
            float stored = rootOfRank ? (float) (alpha * Math.sqrt(rank)) : alpha;
            return stored / rank;
        }

        public Builder dropout(double value) {
            return set("dropout", value);
        }

        public Builder layers(int value) {
            return set("layers", value);
        }

        public Builder targets(Set<Target> value) {
            return set("targets", value);
        }

        /**
         * Starts from this adapter. Rank, scale, layers and targets that are not set are those of the file.
         */
        public Builder resumeAdapterFile(@Nullable Path value) {
            return set("resumeAdapterFile", value);
        }

        /** Trains on this many batches; a number of epochs set before no longer applies. */
        public Builder iterations(int value) {
            return set("iterations", value).set("epochs", 0);
        }

        /** Trains for this many passes over the data; a number of iterations set before no longer applies. */
        public Builder epochs(int value) {
            return set("epochs", value).set("iterations", 0);
        }

        public Builder batchSize(int value) {
            return set("batchSize", value);
        }

        public Builder gradientAccumulation(int value) {
            return set("gradientAccumulation", value);
        }

        public Builder optimizer(OptimizerMethod value) {
            return set("optimizer", value);
        }

        public Builder learningRate(double value) {
            return set("learningRate", value);
        }

        public Builder schedule(LearningRateSchedule value) {
            return set("schedule", value);
        }

        public Builder finalLearningRate(double value) {
            return set("finalLearningRate", value);
        }

        public Builder warmupUpdates(int value) {
            return set("warmupUpdates", value);
        }

        public Builder weightDecay(double value) {
            return set("weightDecay", value);
        }

        public Builder clipNorm(double value) {
            return set("clipNorm", value);
        }

        public Builder seed(long value) {
            return set("seed", value);
        }

        public Builder maxSequenceLength(int value) {
            return set("maxSequenceLength", value);
        }

        public Builder truncate(boolean value) {
            return set("truncate", value);
        }

        public Builder pack(boolean value) {
            return set("pack", value);
        }

        public Builder maskPrompt(boolean value) {
            return set("maskPrompt", value);
        }

        public Builder reportEvery(int value) {
            return set("reportEvery", value);
        }

        public Builder evalEvery(int value) {
            return set("evalEvery", value);
        }

        public Builder validationBatches(int value) {
            return set("validationBatches", value);
        }

        public Builder patience(int value) {
            return set("patience", value);
        }

        public Builder saveEvery(int value) {
            return set("saveEvery", value);
        }

        public Builder device(String value) {
            return set("device", value);
        }

        public Builder threads(int value) {
            return set("threads", value);
        }

        public Builder maxMemoryBytes(long value) {
            return set("maxMemoryBytes", value);
        }

        /** @throws IllegalArgumentException naming the option that is out of range */
        public TrainingOptions build() {
            return values.build();
        }
    }
}
