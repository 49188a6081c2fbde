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

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
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

    /**
     * {@return every option of these files at its default}
     *
     * @param files model, data and adapter folder
     */
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
     * {@return every option as text, under mlx-lm's name with hyphens: {@code num-layers} is {@code 16}, {@code
     * fine-tune-type} is {@code lora}} An option that is null is an empty text.
     */
    public Map<String, String> named() {
        return NamedOptions.of(this);
    }

    /**
     * {@return a builder with the defaults}
     *
     * @param model the GGUF model
     * @param data the folder with {@code train.jsonl}
     * @param adapterFolder the folder that receives adapter, checkpoints and log
     */
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
         * @param name the name of the option
         * @param text as {@link TrainingOptions#named()} has it; several targets may be separated by commas
         * @return this builder
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

        /**
         * Sets {@link TrainingOptions#files()}.
         *
         * @param value what is read and written
         * @return this builder
         */
        public Builder files(TrainingFiles value) {
            return set("model", value.model()).set("data", value.data()).set("adapterFolder", value.adapterFolder());
        }

        /**
         * Sets {@link TuningOptions#fineTuneType()}.
         *
         * @param value an adapter of LoRA, the default, one of DoRA, or all weights
         * @return this builder
         */
        public Builder fineTuneType(FineTuneType value) {
            return set("fineTuneType", value);
        }

        /**
         * Sets {@link TuningOptions#rank()}.
         *
         * @param value LoRA rank of each update, at least 1, default 8; 0 for that of the adapter to start from
         * @return this builder
         */
        public Builder rank(int value) {
            return set("rank", value);
        }

        /**
         * Sets {@link TuningOptions#scale()}.
         *
         * @param value LoRA scale: factor of the product of the two matrices, positive, default 20; the file stores
         *     alpha, which is scale times rank; 0 for that of the adapter to start from
         * @return this builder
         */
        public Builder scale(float value) {
            return set("scale", value);
        }

        /**
         * Sets the scale by PEFT's {@code lora_alpha}; the rank must be set, too.
         *
         * @param alpha positive; the scale is alpha / rank
         * @param rootOfRank the scale is alpha / sqrt(rank) instead, as rsLoRA has it, so that updates of a large rank
         *     do not shrink
         * @return this builder
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

        /**
         * Sets {@link TuningOptions#dropout()}.
         *
         * @param value LoRA dropout probability, from 0 to below 1, default 0; must be 0 if all weights are trained
         * @return this builder
         */
        public Builder dropout(double value) {
            return set("dropout", value);
        }

        /**
         * Sets {@link TuningOptions#layers()}.
         *
         * @param value number of adapted layers, counted from the last, at least 1, default 16; -1 for all; 0 for those
         *     of the adapter to start from
         * @return this builder
         */
        public Builder layers(int value) {
            return set("layers", value);
        }

        /**
         * Sets {@link TuningOptions#targets()}.
         *
         * @param value which matrices of these layers are adapted, at least one, default all but the router; empty for
         *     those of the adapter to start from
         * @return this builder
         */
        public Builder targets(Set<Target> value) {
            return set("targets", value);
        }

        /**
         * Starts from this adapter. Rank, scale, layers and targets that are not set are those of the file.
         *
         * @param value the adapter; null to begin with a new one
         * @return this builder
         */
        public Builder resumeAdapterFile(@Nullable Path value) {
            return set("resumeAdapterFile", value);
        }

        /**
         * Trains on this many batches; a number of epochs set before no longer applies.
         *
         * @param value the number of batches
         * @return this builder
         */
        public Builder iterations(int value) {
            return set("iterations", value).set("epochs", 0);
        }

        /**
         * Trains for this many passes over the data; a number of iterations set before no longer applies.
         *
         * @param value the number of passes
         * @return this builder
         */
        public Builder epochs(int value) {
            return set("epochs", value).set("iterations", 0);
        }

        /**
         * Sets {@link BatchOptions#batchSize()}.
         *
         * @param value samples in a batch, at least 1, default 4
         * @return this builder
         */
        public Builder batchSize(int value) {
            return set("batchSize", value);
        }

        /**
         * Sets {@link BatchOptions#gradientAccumulation()}.
         *
         * @param value batches per update, at least 1, default 1; the loss is the mean over all their trained tokens
         * @return this builder
         */
        public Builder gradientAccumulation(int value) {
            return set("gradientAccumulation", value);
        }

        /**
         * Sets {@link TrainingOptions#optimizer()}.
         *
         * @param value learning rate, schedule, optimizer
         * @return this builder
         */
        public Builder optimizer(OptimizerMethod value) {
            return set("optimizer", value);
        }

        /**
         * Sets {@link OptimizerOptions#learningRate()}.
         *
         * @param value peak learning rate, at least 0, default 1e-5
         * @return this builder
         */
        public Builder learningRate(double value) {
            return set("learningRate", value);
        }

        /**
         * Sets {@link OptimizerOptions#schedule()}.
         *
         * @param value how the learning rate decreases after the warm-up, default constant
         * @return this builder
         */
        public Builder schedule(LearningRateSchedule value) {
            return set("schedule", value);
        }

        /**
         * Sets {@link OptimizerOptions#finalLearningRate()}.
         *
         * @param value the learning rate at the end of linear and cosine schedules, at least 0, default 0
         * @return this builder
         */
        public Builder finalLearningRate(double value) {
            return set("finalLearningRate", value);
        }

        /**
         * Sets {@link OptimizerOptions#warmupUpdates()}.
         *
         * @param value updates over which the learning rate rises to its peak, at least 0, default 0
         * @return this builder
         */
        public Builder warmupUpdates(int value) {
            return set("warmupUpdates", value);
        }

        /**
         * Sets {@link OptimizerOptions#weightDecay()}.
         *
         * @param value decoupled weight decay, at least 0; with the default 0, AdamW is mlx-lm's {@code adam}
         * @return this builder
         */
        public Builder weightDecay(double value) {
            return set("weightDecay", value);
        }

        /**
         * Sets {@link OptimizerOptions#clipNorm()}.
         *
         * @param value global norm that gradients are clipped to, at least 0; 0, the default, disables clipping
         * @return this builder
         */
        public Builder clipNorm(double value) {
            return set("clipNorm", value);
        }

        /**
         * Sets {@link TrainingOptions#seed()}.
         *
         * @param value of the adapter's initial values, the order of the data and the dropout, default 0
         * @return this builder
         */
        public Builder seed(long value) {
            return set("seed", value);
        }

        /**
         * Sets {@link SampleOptions#maxSequenceLength()}.
         *
         * @param value tokens of the longest sample, at least 2, default 2048; longer ones are skipped
         * @return this builder
         */
        public Builder maxSequenceLength(int value) {
            return set("maxSequenceLength", value);
        }

        /**
         * Sets {@link SampleOptions#truncate()}.
         *
         * @param value cut longer samples at their end instead, default false
         * @return this builder
         */
        public Builder truncate(boolean value) {
            return set("truncate", value);
        }

        /**
         * Sets {@link SampleOptions#pack()}.
         *
         * @param value put several samples into one row of at most {@code maxSequenceLength} tokens, default false;
         *     they do not attend to each other
         * @return this builder
         */
        public Builder pack(boolean value) {
            return set("pack", value);
        }

        /**
         * Sets {@link SampleOptions#maskPrompt()}.
         *
         * @param value learn only the assistant's turns, default false
         * @return this builder
         */
        public Builder maskPrompt(boolean value) {
            return set("maskPrompt", value);
        }

        /**
         * Sets {@link EvaluationOptions#reportEvery()}.
         *
         * @param value iterations between reports, at least 1, default 10
         * @return this builder
         */
        public Builder reportEvery(int value) {
            return set("reportEvery", value);
        }

        /**
         * Sets {@link EvaluationOptions#evalEvery()}.
         *
         * @param value iterations between validations, at least 1, default 200; also before the first and after the
         *     last
         * @return this builder
         */
        public Builder evalEvery(int value) {
            return set("evalEvery", value);
        }

        /**
         * Sets {@link EvaluationOptions#validationBatches()}.
         *
         * @param value batches of a validation, always the same ones, at least 1, default 25; -1 for all
         * @return this builder
         */
        public Builder validationBatches(int value) {
            return set("validationBatches", value);
        }

        /**
         * Sets {@link EvaluationOptions#patience()}.
         *
         * @param value the training ends after this many validations in a row without a better loss; 0, the default,
         *     disables that
         * @return this builder
         */
        public Builder patience(int value) {
            return set("patience", value);
        }

        /**
         * Sets {@link EvaluationOptions#saveEvery()}.
         *
         * @param value iterations between checkpoints, at least 1, default 100; one is also saved at the end
         * @return this builder
         */
        public Builder saveEvery(int value) {
            return set("saveEvery", value);
        }

        /**
         * Sets {@link ResourceOptions#device()}.
         *
         * @param value what computes: {@code cpu}, the default; {@code auto} for the first GPU, or the CPU without one;
         *     or the name of a device such as {@code CUDA0}
         * @return this builder
         */
        public Builder device(String value) {
            return set("device", value);
        }

        /**
         * Sets {@link ResourceOptions#threads()}.
         *
         * @param value CPU threads, at least 0; 0, the default, leaves one processor free
         * @return this builder
         */
        public Builder threads(int value) {
            return set("threads", value);
        }

        /**
         * Sets {@link ResourceOptions#maxMemoryBytes()}.
         *
         * @param value bytes that the training may use in addition to the model; 0, the default, for what is free
         * @return this builder
         */
        public Builder maxMemoryBytes(long value) {
            return set("maxMemoryBytes", value);
        }

        /**
         * {@return the options, checked}
         *
         * @throws IllegalArgumentException naming the option that is out of range
         */
        public TrainingOptions build() {
            return values.build();
        }
    }
}
