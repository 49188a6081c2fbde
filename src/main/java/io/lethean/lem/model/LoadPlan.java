package io.lethean.lem.model;

import io.lethean.lem.internal.llama.ContextParameters;
import io.lethean.lem.internal.llama.ModelParameters;
import io.lethean.lem.internal.llama.NativeDevice;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * What loading a model was decided to be: the caller's options with every open choice made.
 *
 * @param gpus GPUs to use, none for the processor alone
 * @param gpuLayers layers on them; {@link ModelParameters#ALL_LAYERS} means all
 */
record LoadPlan(
        Path path,
        ModelOptions options,
        int contextTokens,
        int threads,
        int batchThreads,
        List<NativeDevice> gpus,
        int gpuLayers) {

    private static final int LOGIT_ROWS = 32;
    private static final int PADDING = 256;

    LoadPlan withGpuLayers(int layers) {
        return new LoadPlan(path, options, contextTokens, threads, batchThreads, gpus, layers);
    }

    LoadPlan withParallel(int parallel) {
        ModelOptions changed = options.toBuilder().parallel(parallel).build();
        return new LoadPlan(path, changed, contextTokens, threads, batchThreads, gpus, gpuLayers);
    }

    /** KV caches, each of {@link #contextTokens}. */
    int sequences() {
        return options.context().sequences();
    }

    /** Tokens of all sequences together. llama.cpp rounds each up to a multiple of 256. */
    private int contextCells() {
        if (sequences() == 1) {
            return contextTokens;
        }
        long cells = Math.ceilDiv((long) contextTokens, PADDING) * PADDING * sequences();
        if (cells > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "contextTokens is %d and parallel %d; the %d KV caches would have %d tokens, and the most is %d.",
                    contextTokens,
                    options.context().parallel(),
                    sequences(),
                    cells,
                    Integer.MAX_VALUE));
        }
        return (int) cells;
    }

    LoadPlan withContextTokens(int tokens) {
        return new LoadPlan(path, options, tokens, threads, batchThreads, gpus, gpuLayers);
    }

    /** How the weights are loaded. */
    ModelParameters modelParameters() {
        return new ModelParameters(path, gpus, gpuLayers, options.mmap(), options.checkTensors(), false);
    }

    /**
     * Tokens of one call that logits can be read of. Generation reads a row per sequence, and likelihoods proceed in pieces
     * of this size; llama.cpp's default is a row per token of a batch, half a gigabyte for a vocabulary of 262,144.
     */
    int maxLogitRows() {
        return Math.max(LOGIT_ROWS, sequences());
    }

    /** How the context is created. */
    ContextParameters contextParameters() {
        ContextOptions context = options.context();
        ContextParameters.Size size = new ContextParameters.Size(
                contextTokens,
                contextCells(),
                sequences(),
                context.parallel(),
                context.batchTokens(),
                Math.min(context.microBatchTokens(), context.batchTokens()),
                maxLogitRows());
        ContextParameters.Cache cache = new ContextParameters.Cache(
                context.kvTypeK().type(),
                context.kvTypeV().type(),
                context.flashAttention().mode());
        return new ContextParameters(size, cache, threads, batchThreads);
    }
}
