package io.lethean.lem.model;

import io.lethean.lem.NativeCallException;
import io.lethean.lem.ffi.LlamaCpp;
import io.lethean.lem.ffi.llama_batch;
import io.lethean.lem.model.NativeText.ErrorBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A context of a model: the KV cache and the buffers of its computations. Owned by, and confined to, the model's thread.
 */
final class NativeContext implements AutoCloseable {

    private static final int DECODED = 0;
    private static final int ABORTED = 2;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment handle;
    private final ThreadPool threads;
    private final ErrorBuffer error = new ErrorBuffer(arena);
    private final MemorySegment tokens;
    private final MemorySegment batch;
    private final long logitsBytes;
    private final int capacity;
    private final int batchTokens;

    /** Takes ownership of a context that is not NULL. */
    NativeContext(MemorySegment context, int vocabularySize, int threads) {
        this.handle = context.reinterpret(arena, null);
        this.threads = ThreadPool.attach(handle, threads);
        this.logitsBytes = vocabularySize * (long) Float.BYTES;
        this.capacity = LlamaCpp.llama_n_ctx_seq(handle);
        this.batchTokens = LlamaCpp.llama_n_batch(handle);
        this.tokens = arena.allocate(ValueLayout.JAVA_INT, batchTokens);
        // Positions, sequence and outputs are left NULL: llama.cpp continues sequence 0 and computes the last row.
        this.batch = llama_batch.allocate(arena);
        llama_batch.token(batch, tokens);
    }

    MemorySegment handle() {
        return handle;
    }

    /** Tokens that fit. */
    int capacity() {
        return capacity;
    }

    int batchTokens() {
        return batchTokens;
    }

    int microBatchTokens() {
        return LlamaCpp.llama_n_ubatch(handle);
    }

    /** Forgets every token. */
    void clear() {
        LlamaCpp.llama_memory_clear(LlamaCpp.llama_get_memory(handle), false);
    }

    /**
     * Evaluates tokens after those already there; the caller has checked that they fit.
     *
     * @return false if the cancel flag was raised meanwhile
     */
    boolean decode(int[] prompt) {
        NativeFailure.begin();
        for (int from = 0; from < prompt.length; from += batchTokens) {
            int count = Math.min(batchTokens, prompt.length - from);
            MemorySegment.copy(prompt, from, tokens, ValueLayout.JAVA_INT, 0, count);
            if (!decodeBatch(count)) {
                return false;
            }
        }
        return true;
    }

    /** The same for one token. */
    boolean decode(int token) {
        tokens.set(ValueLayout.JAVA_INT, 0, token);
        return decodeBatch(1);
    }

    private boolean decodeBatch(int count) {
        llama_batch.n_tokens(batch, count);
        int code = LlamaCpp.lem_decode(handle, batch, error.address(), error.size());
        return switch (code) {
            case DECODED -> true;
            case ABORTED -> false;
            default -> throw failure(code, count);
        };
    }

    private NativeCallException failure(int code, int count) {
        String reason = error.message().isEmpty() ? NativeFailure.explain() : error.message() + ".";
        return new NativeCallException(
                "Evaluating %d token(s) failed with code %d. %s".formatted(count, code, reason), "llama_decode", code);
    }

    /** The scores of the token that follows the last one; valid until the next evaluation. */
    MemorySegment logits() {
        MemorySegment row = LlamaCpp.llama_get_logits_ith(handle, -1);
        if (row.equals(MemorySegment.NULL)) {
            throw new IllegalStateException("There are no scores before a token was evaluated.");
        }
        return row.reinterpret(logitsBytes);
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            LlamaCpp.llama_free(handle);
            threads.close();
            arena.close();
        }
    }
}
