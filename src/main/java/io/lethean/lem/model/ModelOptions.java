package io.lethean.lem.model;

import static io.lethean.lem.model.OptionRange.require;

import java.util.Objects;
import java.util.OptionalInt;

/**
 * How a model is loaded and where it runs. Immutable.
 *
 * @param context size of the context, and how its KV cache is stored
 * @param compute device and threads
 * @param maxCalls the most calls at a time that want answers, those that wait included, default 1024; one more is refused at
 *     once with a {@link io.lethean.lem.ModelBusyException}. A call with many prompts counts once
 * @param mmap map the file instead of reading it, default true: faster, and weights are shared between processes. If
 *     another process shortens the file while it is mapped, touching a lost page ends the JVM with SIGBUS. The size is
 *     checked before every generation; false removes the danger
 * @param checkTensors look for NaN and infinite weights while loading, default false: it reads the whole file
 * @param progress receives the progress of loading
 */
public record ModelOptions(
        ContextOptions context,
        ComputeOptions compute,
        int maxCalls,
        boolean mmap,
        boolean checkTensors,
        LoadProgress progress) {

    private static final ModelOptions DEFAULTS =
            new ModelOptions(ContextOptions.DEFAULTS, ComputeOptions.DEFAULTS, 1024, true, false, fraction -> true);

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public ModelOptions {
        Objects.requireNonNull(context, "context");
        Objects.requireNonNull(compute, "compute");
        Objects.requireNonNull(progress, "progress");
        require(maxCalls >= 1, "maxCalls", maxCalls, "at least 1");
    }

    /**
     * {@return the model's own context up to {@value ContextOptions#AUTO_LIMIT}, every GPU present, all processors but
     * one}
     */
    public static ModelOptions defaults() {
        return DEFAULTS;
    }

    /** {@return a builder that starts from {@link #defaults()}} */
    public static Builder builder() {
        return DEFAULTS.toBuilder();
    }

    /** {@return a builder that starts from these options} */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /**
     * Sets options by name; see the components of this record, of {@link ContextOptions} and of {@link ComputeOptions} for
     * meaning and range.
     */
    public static final class Builder {

        private int contextTokens;
        private int batchTokens;
        private int microBatchTokens;
        private int parallel;
        private OptionalInt heldPrompts;
        private boolean batchInvariant;
        private FlashAttention flashAttention;
        private KvType kvTypeK;
        private KvType kvTypeV;
        private String device;
        private GpuLayers gpuLayers;
        private int threads;
        private int batchThreads;
        private int maxCalls;
        private boolean mmap;
        private boolean checkTensors;
        private LoadProgress progress;

        private Builder(ModelOptions from) {
            contextTokens = from.context.contextTokens();
            batchTokens = from.context.batchTokens();
            microBatchTokens = from.context.microBatchTokens();
            parallel = from.context.parallel();
            heldPrompts = from.context.heldPrompts();
            batchInvariant = from.context.batchInvariant();
            flashAttention = from.context.flashAttention();
            kvTypeK = from.context.kvTypeK();
            kvTypeV = from.context.kvTypeV();
            device = from.compute.device();
            gpuLayers = from.compute.gpuLayers();
            threads = from.compute.threads();
            batchThreads = from.compute.batchThreads();
            maxCalls = from.maxCalls;
            mmap = from.mmap;
            checkTensors = from.checkTensors;
            progress = from.progress;
        }

        /**
         * Sets {@link ContextOptions#contextTokens()}.
         *
         * @param value tokens that prompt and answer may have together, rounded up by llama.cpp to a multiple of 256;
         *     0, the default, takes what the model was trained for, at most {@value ContextOptions#AUTO_LIMIT}. More than the model
         *     was trained for is allowed and logged as a warning
         * @return this builder
         */
        public Builder contextTokens(int value) {
            contextTokens = value;
            return this;
        }

        /**
         * Sets {@link ContextOptions#batchTokens()}.
         *
         * @param value the most tokens that one call evaluates, default 2048 as in llama.cpp; a longer prompt is split
         * @return this builder
         */
        public Builder batchTokens(int value) {
            batchTokens = value;
            return this;
        }

        /**
         * Sets {@link ContextOptions#microBatchTokens()}.
         *
         * @param value tokens of a batch that are computed at once, default 512 as in llama.cpp; more takes more memory
         * @return this builder
         */
        public Builder microBatchTokens(int value) {
            microBatchTokens = value;
            return this;
        }

        /**
         * Sets {@link ComputeOptions#threads()}.
         *
         * @param value threads that generate; 0, the default, leaves one processor free and takes at least one. More
         *     threads than processors are refused: they make generation 50 to 100 times slower
         * @return this builder
         */
        public Builder threads(int value) {
            threads = value;
            return this;
        }

        /**
         * Sets {@link ComputeOptions#batchThreads()}.
         *
         * @param value threads that evaluate prompts; 0, the default, takes {@code threads}
         * @return this builder
         */
        public Builder batchThreads(int value) {
            batchThreads = value;
            return this;
        }

        /**
         * Sets {@link ComputeOptions#device()}.
         *
         * @param value {@code auto}, the default, uses the GPUs that are present, else the CPU; {@code cpu} uses
         *     nothing else; any other text is the name of a device such as {@code CUDA0}, {@code Metal} or
         *     {@code Vulkan0}, and an error if it is absent
         * @return this builder
         */
        public Builder device(String value) {
            device = value;
            return this;
        }

        /**
         * Sets {@link ComputeOptions#gpuLayers()}.
         *
         * @param value layers on the GPU, default {@link GpuLayers#AUTO}
         * @return this builder
         */
        public Builder gpuLayers(GpuLayers value) {
            gpuLayers = value;
            return this;
        }

        /**
         * Sets {@link ContextOptions#flashAttention()}.
         *
         * @param value default {@link FlashAttention#AUTO}
         * @return this builder
         */
        public Builder flashAttention(FlashAttention value) {
            flashAttention = value;
            return this;
        }

        /**
         * Sets both formats.
         *
         * @param value the format of keys and of values
         * @return this builder
         */
        public Builder kvType(KvType value) {
            kvTypeK = value;
            kvTypeV = value;
            return this;
        }

        /**
         * Sets {@link ContextOptions#kvTypeK()}.
         *
         * @param value format of the cached keys, default F16
         * @return this builder
         */
        public Builder kvTypeK(KvType value) {
            kvTypeK = value;
            return this;
        }

        /**
         * Sets {@link ContextOptions#kvTypeV()}.
         *
         * @param value format of the cached values, default F16
         * @return this builder
         */
        public Builder kvTypeV(KvType value) {
            kvTypeV = value;
            return this;
        }

        /**
         * Sets {@link ModelOptions#maxCalls()}.
         *
         * @param value the most calls at a time that want answers, those that wait included, default 1024; one more is
         *     refused at once with a {@link io.lethean.lem.ModelBusyException}. A call with many prompts counts once
         * @return this builder
         */
        public Builder maxCalls(int value) {
            maxCalls = value;
            return this;
        }

        /**
         * Sets {@link ModelOptions#mmap()}.
         *
         * @param value map the file instead of reading it, default true: faster, and weights are shared between
         *     processes. If another process shortens the file while it is mapped, touching a lost page ends the JVM
         *     with SIGBUS. The size is checked before every generation; false removes the danger
         * @return this builder
         */
        public Builder mmap(boolean value) {
            mmap = value;
            return this;
        }

        /**
         * Sets {@link ModelOptions#checkTensors()}.
         *
         * @param value look for NaN and infinite weights while loading, default false: it reads the whole file
         * @return this builder
         */
        public Builder checkTensors(boolean value) {
            checkTensors = value;
            return this;
        }

        /**
         * Sets {@link ContextOptions#parallel()}.
         *
         * @param value answers that are generated in parallel, whoever asks for them, default 1. With more, each of
         *     them has a KV cache of {@code contextTokens}
         * @return this builder
         */
        public Builder parallel(int value) {
            parallel = value;
            return this;
        }

        /**
         * Sets {@link ContextOptions#heldPrompts()}.
         *
         * @param value prompts and conversations that are kept for the next one that begins alike, in addition to those
         *     of the answers being generated; each has a KV cache of {@code contextTokens}, too. If empty, the default,
         *     1 with several answers in parallel, else 0: then the next prompt takes the place of the one before
         * @return this builder
         */
        public Builder heldPrompts(int value) {
            heldPrompts = OptionalInt.of(value);
            return this;
        }

        /**
         * Sets {@link ContextOptions#batchInvariant()}.
         *
         * @param value whether the bits of an answer depend on its prompt, its options and {@code parallel} alone,
         *     default true. If false, they also depend on what is generated at the same time and on what is in the KV
         *     cache, in the last digits; then idle sequences cost nothing, and generated tokens in the KV cache are
         *     used again. See {@code docs/serving.md}
         * @return this builder
         */
        public Builder batchInvariant(boolean value) {
            batchInvariant = value;
            return this;
        }

        /**
         * Sets {@link ModelOptions#progress()}.
         *
         * @param value receives the progress of loading
         * @return this builder
         */
        public Builder progress(LoadProgress value) {
            progress = value;
            return this;
        }

        /**
         * {@return the options, checked}
         *
         * @throws IllegalArgumentException naming the value that is out of its range
         */
        public ModelOptions build() {
            ContextOptions context = new ContextOptions(
                    contextTokens,
                    batchTokens,
                    microBatchTokens,
                    parallel,
                    heldPrompts,
                    batchInvariant,
                    flashAttention,
                    kvTypeK,
                    kvTypeV);
            ComputeOptions compute = new ComputeOptions(device, gpuLayers, threads, batchThreads);
            return new ModelOptions(context, compute, maxCalls, mmap, checkTensors, progress);
        }
    }
}
