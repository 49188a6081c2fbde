package io.lethean.lem.model;

import io.lethean.lem.internal.ggml.NativeDevice;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.llama.ContextParameters;
import io.lethean.lem.internal.llama.ContextParameters.FlashMode;
import io.lethean.lem.internal.llama.ContextParameters.Output;
import io.lethean.lem.internal.llama.ModelParameters;
import io.lethean.lem.internal.llama.NativeContext;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * What loading a model was decided to be: the caller's options with every open choice made.
 *
 * @param gpus GPUs to use, none for the processor alone
 * @param gpuLayers layers on them; {@link ModelParameters#ALL_LAYERS} means all
 * @param output what the model's context computes: logits, except for an encoder
 */
record LoadPlan(
        Path path,
        ModelOptions options,
        int contextTokens,
        int threads,
        int batchThreads,
        List<NativeDevice> gpus,
        int gpuLayers,
        Output output) {

    private static final int LOGIT_ROWS = 32;
    private static final int PADDING = 256;

    /** A whole block, so that the likelihoods of all tokens of a text are read while it is evaluated block by block. */
    private static final int SCORED_ROWS = NativeContext.BLOCK;

    /** Tokens of a call that computes a decoder's embeddings; llama.cpp keeps a row of logits for each. */
    private static final int EMBEDDED_TOKENS = 128;

    /** Tokens that a context for likelihoods computes at once: a question and its answers are seldom more. */
    private static final int SCORED_TOKENS = 256;

    /** The longest text of which the scores of attention are kept, in 32 bits; the fused operation rounds to 16. */
    private static final int PLAIN_ATTENTION = 2048;

    /** Whether all tokens of a text are evaluated together. */
    boolean isEncoder() {
        return output != Output.LOGITS;
    }

    LoadPlan withGpuLayers(int layers) {
        return new LoadPlan(path, options, contextTokens, threads, batchThreads, gpus, layers, output);
    }

    LoadPlan withParallel(int parallel) {
        ModelOptions changed = options.toBuilder().parallel(parallel).build();
        return new LoadPlan(path, changed, contextTokens, threads, batchThreads, gpus, gpuLayers, output);
    }

    /** KV caches, each of {@link #contextTokens}; one text at a time in an encoder. */
    int sequences() {
        return isEncoder() ? 1 : options.context().sequences();
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
        return new LoadPlan(path, options, tokens, threads, batchThreads, gpus, gpuLayers, output);
    }

    /** How the weights are loaded. */
    ModelParameters modelParameters() {
        return new ModelParameters(path, gpus, gpuLayers, options.mmap(), options.checkTensors(), false);
    }

    /**
     * Tokens of one call that logits can be read of. Generation reads a row per sequence, and likelihoods proceed in pieces
     * of this size; llama.cpp's default is a row per token of a batch, half a gigabyte for a vocabulary of 262,144. It
     * keeps room for such rows in an encoder, too.
     */
    int maxLogitRows() {
        return isEncoder() ? contextTokens : Math.max(LOGIT_ROWS, sequences());
    }

    /** Tokens that are computed at once. */
    int microBatchTokens() {
        return isEncoder()
                ? contextTokens
                : Math.min(
                        options.context().microBatchTokens(), options.context().batchTokens());
    }

    /** How a context for embeddings of texts of up to this many tokens is created. */
    ContextParameters embeddingParameters(Output embeddings, int tokens) {
        int batch = isEncoder() ? tokens : Math.min(EMBEDDED_TOKENS, tokens);
        ContextParameters.Size size =
                new ContextParameters.Size(tokens, tokens, 1, 1, batch, batch, batch, true, false);
        ContextOptions context = options.context();
        FlashMode flash = context.flashAttention().mode();
        boolean plain = isEncoder() && flash == FlashMode.AUTO && tokens <= PLAIN_ATTENTION;
        ContextParameters.Cache cache = new ContextParameters.Cache(
                isEncoder() ? GgmlType.F16 : context.kvTypeK().type(),
                isEncoder() ? GgmlType.F16 : context.kvTypeV().type(),
                plain ? FlashMode.OFF : flash);
        return new ContextParameters(size, cache, embeddings, threads, batchThreads);
    }

    /** How a context for likelihoods is created: a prompt and its continuations share this many cells. */
    ContextParameters scoringParameters(int cells) {
        ContextOptions context = options.context();
        ContextParameters.Size size = new ContextParameters.Size(
                cells,
                cells,
                LOGIT_ROWS,
                LOGIT_ROWS,
                context.batchTokens(),
                Math.min(SCORED_TOKENS, microBatchTokens()),
                SCORED_ROWS,
                true,
                true);
        return new ContextParameters(size, cache(), Output.LOGITS, threads, batchThreads);
    }

    private ContextParameters.Cache cache() {
        ContextOptions context = options.context();
        return new ContextParameters.Cache(
                context.kvTypeK().type(),
                context.kvTypeV().type(),
                context.flashAttention().mode());
    }

    /** How the context is created. */
    ContextParameters contextParameters() {
        if (isEncoder()) {
            return embeddingParameters(output, contextTokens);
        }
        ContextOptions context = options.context();
        ContextParameters.Size size = new ContextParameters.Size(
                contextTokens,
                contextCells(),
                sequences(),
                context.parallel(),
                context.batchTokens(),
                microBatchTokens(),
                maxLogitRows(),
                context.batchInvariant(),
                false);
        return new ContextParameters(size, cache(), output, threads, batchThreads);
    }
}
