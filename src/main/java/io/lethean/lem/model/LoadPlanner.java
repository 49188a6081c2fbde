package io.lethean.lem.model;

import io.lethean.lem.InsufficientMemoryException;
import io.lethean.lem.internal.ggml.NativeDevice;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufMetadata;
import io.lethean.lem.internal.llama.MemoryUse;
import io.lethean.lem.internal.llama.ModelParameters;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/** Makes every choice that the caller left open, and refuses what the memory cannot hold, before anything is loaded. */
final class LoadPlanner {

    /** Kept free on a GPU for what its driver and other programs take. */
    private static final long GPU_RESERVE_BYTES = 256L << 20;

    private final GgufFile file;
    private final EmbeddingFacts facts;
    private final ModelOptions options;
    private final Devices devices;
    private final long availableBytes;

    LoadPlanner(GgufFile file, ModelOptions options, Devices devices, long availableBytes) {
        this.file = file;
        this.facts = EmbeddingFacts.of(file);
        this.options = options;
        this.devices = devices;
        this.availableBytes = availableBytes;
    }

    /**
     * The plan.
     *
     * @throws io.lethean.lem.DeviceUnavailableException if the device or a GPU for the layers is absent
     * @throws InsufficientMemoryException if it would not fit
     * @throws IllegalArgumentException if there are more threads than processors
     */
    LoadPlan plan() {
        List<NativeDevice> gpus =
                devices.choose(options.compute().device(), options.compute().gpuLayers());
        int processors = Runtime.getRuntime().availableProcessors();
        int threads = threads("threads", options.compute().threads(), Math.max(1, processors - 1), processors);
        int batchThreads = threads("batchThreads", options.compute().batchThreads(), threads, processors);
        LoadPlan all = new LoadPlan(
                file.path(),
                options,
                contextTokens(),
                threads,
                batchThreads,
                gpus,
                ModelParameters.ALL_LAYERS,
                facts.output());
        LoadPlan plan = gpus.isEmpty() ? all.withGpuLayers(0) : withLayers(all);
        if (!surelyFits(plan)) {
            MemoryEstimator.estimate(plan).ifPresent(use -> requireFits(plan, use));
        }
        return plan;
    }

    private static int threads(String name, int asked, int otherwise, int processors) {
        if (asked > processors) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "%s is %d and this process may use %d processor(s); more threads than processors make generation"
                            + " many times slower. Leave it at 0 for all but one.",
                    name,
                    asked,
                    processors));
        }
        return asked == 0 ? otherwise : asked;
    }

    /** The context that the file says the model was trained for; 0 where it does not say. */
    static int trainedContext(GgufFile file) {
        GgufMetadata metadata = file.metadata();
        long trained = metadata.integer(metadata.ownKey("context_length")).orElse(0);
        return Math.clamp(trained, 0, Integer.MAX_VALUE);
    }

    private int contextTokens() {
        int asked = askedTokens();
        // An encoder has no positions beyond those that it was trained with.
        return facts.encoder() && facts.trainedTokens() > 0 ? Math.min(asked, facts.trainedTokens()) : asked;
    }

    private int askedTokens() {
        if (options.context().contextTokens() > 0) {
            return options.context().contextTokens();
        }
        int trained = trainedContext(file);
        return trained == 0 ? 4096 : Math.min(trained, ContextOptions.AUTO_LIMIT);
    }

    private LoadPlan withLayers(LoadPlan all) {
        return switch (options.compute().gpuLayers()) {
            case GpuLayers.All ignored -> all;
            case GpuLayers.Count(int count) -> all.withGpuLayers(count);
            case GpuLayers.Auto ignored -> mostThatFits(all);
        };
    }

    /** All layers if they fit, else the largest number that does, by bisection. */
    private LoadPlan mostThatFits(LoadPlan all) {
        if (fitsGpus(all)) {
            return all;
        }
        int fits = 0;
        int tooMany = blockCount() + 1;
        while (tooMany - fits > 1) {
            int middle = (fits + tooMany) / 2;
            if (fitsGpus(all.withGpuLayers(middle))) {
                fits = middle;
            } else {
                tooMany = middle;
            }
        }
        return all.withGpuLayers(fits);
    }

    private int blockCount() {
        GgufMetadata metadata = file.metadata();
        return Math.clamp(metadata.integer(metadata.ownKey("block_count")).orElse(1), 0, 1 << 16);
    }

    private boolean fitsGpus(LoadPlan plan) {
        return MemoryEstimator.estimate(plan)
                .map(use -> plan.gpus().stream().allMatch(gpu -> use.deviceBytes(gpu.name()) <= budget(gpu)))
                .orElse(true);
    }

    private static long budget(NativeDevice gpu) {
        return gpu.totalBytes() == 0 ? Long.MAX_VALUE : gpu.freeBytes() - GPU_RESERVE_BYTES;
    }

    /**
     * Whether a deliberately high guess stays below half of the available memory, so that no exact figure is needed. The
     * guess takes every layer to attend to the whole context and every weight to be copied.
     */
    private boolean surelyFits(LoadPlan plan) {
        if (!plan.gpus().isEmpty()) {
            return false;
        }
        GgufMetadata metadata = file.metadata();
        OptionalLong heads = metadata.integer(metadata.ownKey("attention.head_count"));
        OptionalLong width = metadata.integer(metadata.ownKey("embedding_length"));
        OptionalLong inner = metadata.integer(metadata.ownKey("feed_forward_length"));
        if (heads.isEmpty() || width.isEmpty() || inner.isEmpty()) {
            return false;
        }
        double tokens = plan.contextTokens();
        double headWidth =
                metadata.integer(metadata.ownKey("attention.key_length")).orElse(0) * (double) heads.getAsLong();
        double rowWidth = Math.max(width.getAsLong(), headWidth);
        double cache = 2 * 4 * tokens * plan.sequences() * blockCount() * rowWidth;
        double perToken = 4 * (tokens * heads.getAsLong() + 16 * rowWidth + 4 * inner.getAsLong());
        double compute = plan.microBatchTokens() * perToken;
        double vocabulary =
                file.tensor("token_embd.weight").map(tensor -> tensor.dim(1)).orElse(0L);
        double scores = 2 * 4 * vocabulary * plan.maxLogitRows();
        return file.tensorBytes() + cache + compute + scores < availableBytes / 2.0;
    }

    private void requireFits(LoadPlan plan, MemoryUse use) {
        long records = MemoryEstimator.RECORD_BYTES_PER_TOKEN * plan.contextTokens() * plan.sequences();
        long host = use.hostBytes(options.mmap()) + records + encoderRowBytes(plan);
        if (host > availableBytes) {
            throw insufficient(plan, use, "the processor's memory", host, availableBytes);
        }
        for (NativeDevice gpu : plan.gpus()) {
            long needed = use.deviceBytes(gpu.name());
            if (needed > budget(gpu)) {
                throw insufficient(plan, use, gpu.name(), needed, budget(gpu));
            }
        }
    }

    /** llama.cpp allocates the rows for an encoder's tokens at the first text, and does not account for them. */
    private long encoderRowBytes(LoadPlan plan) {
        long vocabulary =
                file.tensor("token_embd.weight").map(tensor -> tensor.dim(1)).orElse(0L);
        return plan.isEncoder() ? Float.BYTES * vocabulary * plan.maxLogitRows() : 0;
    }

    private InsufficientMemoryException insufficient(
            LoadPlan plan, MemoryUse use, String where, long needed, long available) {
        return new InsufficientMemoryException(
                String.format(
                        Locale.ROOT,
                        "Loading %s with a context of %d tokens needs %s of %s and %s is free"
                                + " (KV cache %s, intermediate results"
                                + " %s). Take a smaller context, a smaller KV type such as Q8_0%s%s.",
                        plan.path(),
                        plan.contextTokens(),
                        mebibytes(needed),
                        where,
                        mebibytes(available),
                        mebibytes(use.cacheBytes()),
                        mebibytes(use.computeBytes()),
                        options.context().parallel() > 1
                                ? ", fewer answers in parallel than "
                                        + options.context().parallel()
                                : "",
                        plan.gpus().isEmpty() ? " or a smaller model" : ", or fewer GPU layers"),
                needed,
                available);
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%,d MiB", Math.ceilDiv(bytes, 1L << 20));
    }
}
