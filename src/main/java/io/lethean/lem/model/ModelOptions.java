package io.lethean.lem.model;

import java.util.Objects;

/**
 * How a model is loaded and where it runs.
 *
 * @param contextTokens tokens that prompt and answer may have together, rounded up by llama.cpp to a multiple of 256; 0,
 *     the default, takes what the model was trained for, at most {@value #AUTO_CONTEXT_LIMIT}. More than the model was
 *     trained for is allowed and warned of
 * @param batchTokens the most tokens that one call evaluates, default 2048 as in llama.cpp; a longer prompt is split
 * @param microBatchTokens tokens of a batch that are computed at once, default 512 as in llama.cpp; more takes more
 *     memory
 * @param threads threads that generate; 0, the default, leaves one processor free and takes at least one. More threads
 *     than processors are refused: they make generation 50 to 100 times slower
 * @param batchThreads threads that evaluate prompts; 0, the default, takes {@code threads}
 * @param device {@code auto}, the default, uses the GPUs that are present, else the CPU; {@code cpu} uses nothing else;
 *     any other text is the name of a device such as {@code CUDA0}, {@code Metal} or {@code Vulkan0}, and an error if
 *     it is absent
 * @param gpuLayers layers on the GPU, default {@link GpuLayers#AUTO}
 * @param flashAttention default {@link FlashAttention#AUTO}
 * @param kvTypeK format of the cached keys, default F16
 * @param kvTypeV format of the cached values, default F16
 * @param mmap map the file instead of reading it, default true: faster, and weights are shared between processes. A file
 *     that another process shortens while it is mapped ends the JVM with SIGBUS when a lost page is touched; its size is
 *     checked before every generation, and false removes the danger
 * @param checkTensors look for NaN and infinite weights while loading, default false: it reads the whole file
 * @param parallel answers that {@link LemModel#generateAll} generates side by side, default 1. With more, there is a KV
 *     cache of {@code contextTokens} for each of them and one more for what prompts share
 * @param progress told of the progress of loading
 */
public record ModelOptions(
        int contextTokens,
        int batchTokens,
        int microBatchTokens,
        int threads,
        int batchThreads,
        String device,
        GpuLayers gpuLayers,
        FlashAttention flashAttention,
        KvType kvTypeK,
        KvType kvTypeV,
        boolean mmap,
        boolean checkTensors,
        int parallel,
        LoadProgress progress) {

    /** The context that {@code contextTokens} 0 stands for where the model was trained for more. */
    public static final int AUTO_CONTEXT_LIMIT = 8192;

    /** llama.cpp's own limit on sequences in one context, less the one that holds what prompts share. */
    private static final int MAX_PARALLEL = 255;

    private static final int MAX_BATCH = 1 << 20;
    private static final int MAX_THREADS = 512;

    private static final ModelOptions DEFAULTS = new ModelOptions(
            0,
            2048,
            512,
            0,
            0,
            "auto",
            GpuLayers.AUTO,
            FlashAttention.AUTO,
            KvType.F16,
            KvType.F16,
            true,
            false,
            1,
            fraction -> true);

    public ModelOptions {
        Objects.requireNonNull(gpuLayers, "gpuLayers");
        Objects.requireNonNull(flashAttention, "flashAttention");
        Objects.requireNonNull(kvTypeK, "kvTypeK");
        Objects.requireNonNull(kvTypeV, "kvTypeV");
        Objects.requireNonNull(progress, "progress");
        require(contextTokens >= 0, "contextTokens", contextTokens, "0 (as the model was trained) or more");
        requireRange("batchTokens", batchTokens, 1, MAX_BATCH);
        requireRange("microBatchTokens", microBatchTokens, 1, MAX_BATCH);
        requireRange("parallel", parallel, 1, MAX_PARALLEL);
        require(
                batchTokens >= parallel && microBatchTokens >= parallel,
                "parallel",
                parallel,
                "at most batchTokens (%d) and microBatchTokens (%d)".formatted(batchTokens, microBatchTokens));
        requireRange("threads", threads, 0, MAX_THREADS);
        requireRange("batchThreads", batchThreads, 0, MAX_THREADS);
        require(!device.isBlank(), "device", "\"" + device + "\"", "auto, cpu or the name of a device");
        require(
                !(flashAttention == FlashAttention.OFF && kvTypeV.isQuantized()),
                "kvTypeV",
                kvTypeV,
                "F32, F16 or BF16 when flash attention is off");
    }

    private static void requireRange(String name, int value, int least, int most) {
        require(value >= least && value <= most, name, value, "between %d and %d".formatted(least, most));
    }

    private static void require(boolean holds, String name, Object value, String range) {
        if (!holds) {
            throw new IllegalArgumentException("%s is %s and must be %s.".formatted(name, value, range));
        }
    }

    /** The model's own context up to {@value #AUTO_CONTEXT_LIMIT}, every GPU that is there, all processors but one. */
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

    /** Sets options by name; see the record's components for meaning and range. */
    public static final class Builder {
        private int contextTokens;
        private int batchTokens;
        private int microBatchTokens;
        private int threads;
        private int batchThreads;
        private String device;
        private GpuLayers gpuLayers;
        private FlashAttention flashAttention;
        private KvType kvTypeK;
        private KvType kvTypeV;
        private boolean mmap;
        private boolean checkTensors;
        private int parallel;
        private LoadProgress progress;

        private Builder(ModelOptions from) {
            contextTokens = from.contextTokens;
            batchTokens = from.batchTokens;
            microBatchTokens = from.microBatchTokens;
            threads = from.threads;
            batchThreads = from.batchThreads;
            device = from.device;
            gpuLayers = from.gpuLayers;
            flashAttention = from.flashAttention;
            kvTypeK = from.kvTypeK;
            kvTypeV = from.kvTypeV;
            mmap = from.mmap;
            checkTensors = from.checkTensors;
            parallel = from.parallel;
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

        public Builder progress(LoadProgress value) {
            progress = value;
            return this;
        }

        public ModelOptions build() {
            return new ModelOptions(
                    contextTokens,
                    batchTokens,
                    microBatchTokens,
                    threads,
                    batchThreads,
                    device,
                    gpuLayers,
                    flashAttention,
                    kvTypeK,
                    kvTypeV,
                    mmap,
                    checkTensors,
                    parallel,
                    progress);
        }
    }
}
