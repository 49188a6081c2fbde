package io.lethean.lem.model;

import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.ffi.llama_context_params;
import io.lethean.lem.internal.ffi.llama_model_params;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;

/**
 * What loading a model was decided to be: the caller's options with every open choice made.
 *
 * @param gpus GPUs to use, none for the processor alone
 * @param gpuLayers layers on them; -1 means all
 */
record LoadPlan(
        Path path,
        ModelOptions options,
        int contextTokens,
        int threads,
        int batchThreads,
        List<Devices.Handle> gpus,
        int gpuLayers) {

    static final int ALL_LAYERS = -1;

    private static final int SCORED_ROWS = 32;
    private static final int PADDING = 256;

    LoadPlan withGpuLayers(int layers) {
        return new LoadPlan(path, options, contextTokens, threads, batchThreads, gpus, layers);
    }

    LoadPlan withParallel(int parallel) {
        ModelOptions changed = options.toBuilder().parallel(parallel).build();
        return new LoadPlan(path, changed, contextTokens, threads, batchThreads, gpus, gpuLayers);
    }

    /** One per answer, and one for what prompts share. */
    int sequences() {
        return options.context().parallel() == 1 ? 1 : options.context().parallel() + 1;
    }

    /** Tokens of all sequences together. llama.cpp rounds each up to a multiple of 256. */
    private int contextCells() {
        if (sequences() == 1) {
            return contextTokens;
        }
        long cells = Math.ceilDiv((long) contextTokens, PADDING) * PADDING * sequences();
        if (cells > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "contextTokens is %d and parallel %d; the %d sequences would have %d tokens, and the most is %d."
                            .formatted(
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

    /** Parameters of the load, starting from llama.cpp's own. */
    MemorySegment modelParams(Arena arena) {
        MemorySegment params = LlamaCpp.llama_model_default_params(arena);
        llama_model_params.devices(params, deviceList(arena));
        llama_model_params.n_gpu_layers(params, gpuLayers);
        llama_model_params.check_tensors(params, options.checkTensors());
        if (!options.mmap()) {
            llama_model_params.load_mode(params, LlamaCpp.LLAMA_LOAD_MODE_NONE());
        }
        return params;
    }

    /** The devices, ended by NULL; an empty list keeps llama.cpp from choosing GPUs itself. */
    private MemorySegment deviceList(Arena arena) {
        MemorySegment list = arena.allocate(ValueLayout.ADDRESS, gpus.size() + 1L);
        for (int i = 0; i < gpus.size(); i++) {
            list.setAtIndex(ValueLayout.ADDRESS, i, gpus.get(i).address());
        }
        return list;
    }

    /**
     * Tokens of one call whose scores can be read. Generation reads one row per sequence, and likelihoods go on in pieces
     * of this size; llama.cpp's default is a row per token of a batch, half a gigabyte for a vocabulary of 262,144.
     */
    int maxScored() {
        return Math.max(SCORED_ROWS, sequences());
    }

    /** Parameters of the context, starting from llama.cpp's own. */
    MemorySegment contextParams(Arena arena) {
        MemorySegment params = LlamaCpp.llama_context_default_params(arena);
        llama_context_params.n_ctx(params, contextCells());
        llama_context_params.n_batch(params, options.context().batchTokens());
        llama_context_params.n_ubatch(
                params,
                Math.min(options.context().microBatchTokens(), options.context().batchTokens()));
        llama_context_params.n_seq_max(params, sequences());
        llama_context_params.n_outputs_max(params, maxScored());
        llama_context_params.n_threads(params, threads);
        llama_context_params.n_threads_batch(params, batchThreads);
        llama_context_params.flash_attn_type(
                params, options.context().flashAttention().into());
        llama_context_params.type_k(params, options.context().kvTypeK().into());
        llama_context_params.type_v(params, options.context().kvTypeV().into());
        llama_context_params.no_perf(params, true);
        return params;
    }
}
