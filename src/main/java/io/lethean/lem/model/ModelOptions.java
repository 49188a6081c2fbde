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

    public ModelOptions {
        Objects.requireNonNull(context, "context");
        Objects.requireNonNull(compute, "compute");
        Objects.requireNonNull(progress, "progress");
        require(maxCalls >= 1, "maxCalls", maxCalls, "at least 1");
    }

    /** The model's own context up to {@value ContextOptions#AUTO_LIMIT}, every GPU present, all processors but one. */
    public static ModelOptions defaults() {
        return DEFAULTS;
    }

    /** A builder that starts from {@link #defaults()}. */
    public static Builder builder() {
        return DEFAULTS.toBuilder();
    }

    /** A builder that starts from these options. */
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

        public Builder contextTokens(int value) {
            contextTokens = value;
            return this;
        }

        public Builder batchTokens(int value) {
            batchTokens = value;
            return this;
        }

        public Builder microBatchTokens(int value) {
            microBatchTokens = value;
            return this;
        }

        public Builder threads(int value) {
            threads = value;
            return this;
        }

        public Builder batchThreads(int value) {
            batchThreads = value;
            return this;
        }

        public Builder device(String value) {
            device = value;
            return this;
        }

        public Builder gpuLayers(GpuLayers value) {
            gpuLayers = value;
            return this;
        }

        public Builder flashAttention(FlashAttention value) {
            flashAttention = value;
            return this;
        }

        /** Sets both formats. */
        public Builder kvType(KvType value) {
            kvTypeK = value;
            kvTypeV = value;
            return this;
        }

        public Builder kvTypeK(KvType value) {
            kvTypeK = value;
            return this;
        }

        public Builder kvTypeV(KvType value) {
            kvTypeV = value;
            return this;
        }

        public Builder maxCalls(int value) {
            maxCalls = value;
            return this;
        }

        public Builder mmap(boolean value) {
            mmap = value;
            return this;
        }

        public Builder checkTensors(boolean value) {
            checkTensors = value;
            return this;
        }

        public Builder parallel(int value) {
            parallel = value;
            return this;
        }

        public Builder heldPrompts(int value) {
            heldPrompts = OptionalInt.of(value);
            return this;
        }

        public Builder batchInvariant(boolean value) {
            batchInvariant = value;
            return this;
        }

        public Builder progress(LoadProgress value) {
            progress = value;
            return this;
        }

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
