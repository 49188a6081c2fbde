package io.lethean.lem.internal.llama;

import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.ffi.llama_context_params;
import io.lethean.lem.internal.gguf.GgmlType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * How a context is created.
 *
 * @param size tokens and sequences
 * @param cache form of the KV cache
 * @param output what an evaluation computes
 * @param threads threads that generate
 * @param batchThreads threads that evaluate prompts
 */
public record ContextParameters(Size size, Cache cache, Output output, int threads, int batchThreads) {

    /** What an evaluation computes. */
    public enum Output {
        /** Logits of the next token, for the tokens that ask for them. */
        LOGITS,
        /** The last hidden state of every token. */
        TOKEN_EMBEDDINGS,
        /** The values of the classification head, for the whole sequence. */
        LABELS
    }

    /**
     * Tokens and sequences of a context.
     *
     * @param tokens of one sequence
     * @param cells tokens of all sequences together
     * @param sequences how many there are
     * @param parallel how many of them are for answers that are generated in parallel
     * @param batchTokens the most tokens of one call
     * @param microBatchTokens tokens computed at once
     * @param logitRows tokens of one call that logits can be read for
     * @param batchInvariant whether what is computed for a sequence must not depend on the others
     * @param shared whether the sequences share the cells, so that a token can belong to several of them
     */
    public record Size(
            int tokens,
            int cells,
            int sequences,
            int parallel,
            int batchTokens,
            int microBatchTokens,
            int logitRows,
            boolean batchInvariant,
            boolean shared) {}

    /**
     * Form of the KV cache.
     *
     * @param keys type of the keys
     * @param values type of the values
     * @param flashAttention whether attention is computed by the fused operation that needs no score matrix
     */
    public record Cache(GgmlType keys, GgmlType values, FlashMode flashAttention) {}

    /** When flash attention is used. */
    public enum FlashMode {
        /** Where every layer's device supports it. */
        AUTO,
        ON,
        OFF;

        private int toNative() {
            return switch (this) {
                case AUTO -> LlamaCpp.LLAMA_FLASH_ATTN_TYPE_AUTO();
                case ON -> LlamaCpp.LLAMA_FLASH_ATTN_TYPE_ENABLED();
                case OFF -> LlamaCpp.LLAMA_FLASH_ATTN_TYPE_DISABLED();
            };
        }
    }

    /** As llama.cpp takes them, starting from its own defaults. */
    MemorySegment toNative(Arena arena) {
        MemorySegment params = LlamaCpp.llama_context_default_params(arena);
        llama_context_params.n_ctx(params, size.cells());
        llama_context_params.n_batch(params, size.batchTokens());
        llama_context_params.n_ubatch(params, size.microBatchTokens());
        llama_context_params.n_seq_max(params, size.sequences());
        llama_context_params.n_outputs_max(params, size.logitRows());
        llama_context_params.kv_unified(params, size.shared());
        llama_context_params.n_threads(params, threads);
        llama_context_params.n_threads_batch(params, batchThreads);
        llama_context_params.flash_attn_type(params, cache.flashAttention().toNative());
        llama_context_params.type_k(params, cache.keys().id());
        llama_context_params.type_v(params, cache.values().id());
        llama_context_params.no_perf(params, true);
        if (output != Output.LOGITS) {
            llama_context_params.embeddings(params, true);
            llama_context_params.pooling_type(
                    params,
                    output == Output.LABELS ? LlamaCpp.LLAMA_POOLING_TYPE_RANK() : LlamaCpp.LLAMA_POOLING_TYPE_NONE());
        }
        return params;
    }
}
