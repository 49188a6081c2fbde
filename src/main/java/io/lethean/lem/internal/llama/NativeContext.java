package io.lethean.lem.internal.llama;

import io.lethean.lem.ContextOverflowException;
import io.lethean.lem.NativeCallException;
import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.ffi.llama_batch;
import io.lethean.lem.internal.ggml.CpuThreadPool;
import io.lethean.lem.internal.llama.NativeText.ErrorBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A context of a model: the KV cache and the buffers of its computations. Owned by, and confined to, the model's thread.
 */
public final class NativeContext implements AutoCloseable {

    /** Where rows are not computed alone, prompts are evaluated in pieces that begin at multiples of this many tokens. */
    public static final int BLOCK = 64;

    private static final int DECODED = 0;
    private static final int ABORTED = 2;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment handle;
    private final ErrorBuffer error = new ErrorBuffer(arena);
    private final MemorySegment tokens;
    private final MemorySegment batch;
    private final TokenBatch placed;
    private final long logitsBytes;
    private final int capacity;
    private final int batchTokens;
    private final int parallel;
    private final int sequences;
    private final boolean keepsEveryToken;
    private final boolean batchInvariant;
    private volatile boolean rowsAlone;
    /** Keeps the memory that computations read of. */
    private @Nullable CancelFlag watched;

    /** Takes ownership of a context that is not NULL. */
    NativeContext(
            MemorySegment context,
            int vocabularySize,
            int threads,
            ContextParameters.Size size,
            boolean keepsEveryToken) {
        this.handle = context.reinterpret(arena, null);
        if (threads > 1) {
            MemorySegment pool = CpuThreadPool.create(arena, threads);
            LlamaCpp.llama_attach_threadpool(handle, pool, pool);
        }
        this.logitsBytes = vocabularySize * (long) Float.BYTES;
        this.capacity = LlamaCpp.llama_n_ctx_seq(handle);
        this.batchTokens = LlamaCpp.llama_n_batch(handle);
        this.tokens = arena.allocate(ValueLayout.JAVA_INT, batchTokens);
        // Positions, sequence and outputs are left NULL: llama.cpp continues sequence 0 and computes the last row.
        this.batch = llama_batch.allocate(arena);
        llama_batch.token(batch, tokens);
        this.parallel = size.parallel();
        this.batchInvariant = size.batchInvariant();
        this.sequences = LlamaCpp.llama_n_seq_max(handle);
        this.keepsEveryToken = keepsEveryToken;
        this.placed = new TokenBatch(arena, batchTokens, size.logitRows(), sequences);
    }

    public MemorySegment handle() {
        return handle;
    }

    /** Makes computations end early once this flag is raised. */
    public void watch(CancelFlag flag) {
        // llama.cpp writes a line of log each time; that took one percent of a token.
        if (flag != watched) {
            flag.watch(handle);
            watched = flag;
        }
    }

    /** Whether it keeps what was evaluated; the context of an encoder does not. */
    public boolean remembers() {
        return !memory().equals(MemorySegment.NULL);
    }

    /** Tokens that fit in one sequence. */
    public int capacity() {
        return capacity;
    }

    public int batchTokens() {
        return batchTokens;
    }

    public int microBatchTokens() {
        return LlamaCpp.llama_n_ubatch(handle);
    }

    /**
     * Refuses tokens that a sequence cannot hold.
     *
     * @throws ContextOverflowException if there are too many
     * @throws IllegalArgumentException if it is empty
     */
    public void requireFits(int[] prompt) {
        requireFits(prompt.length);
    }

    /** As {@link #requireFits(int[])}, of a prompt with this many tokens. */
    public void requireFits(int length) {
        if (length == 0) {
            throw new IllegalArgumentException(
                    "The prompt is empty and this model begins with no token of its own; give it some text.");
        }
        if (length > capacity) {
            throw new ContextOverflowException(
                    String.format(
                            Locale.ROOT,
                            "The prompt has %d tokens and the context holds %d."
                                    + " Load the model with contextTokens of at least %d," + " or shorten the prompt.",
                            length,
                            capacity,
                            length + 1),
                    length,
                    capacity);
        }
    }

    private MemorySegment memory() {
        return LlamaCpp.llama_get_memory(handle);
    }

    /** Discards every token. */
    public void clear() {
        LlamaCpp.llama_memory_clear(memory(), false);
    }

    /**
     * Discards every token and what was computed of it: a broken adapter leaves NaN in the cache, and a masked position counts
     * 0 x NaN, which is NaN.
     */
    public void wipe() {
        LlamaCpp.llama_memory_clear(memory(), true);
    }

    /** Generations that can run in parallel, in the first sequences; those after them hold evaluated prompts. */
    public int parallel() {
        return parallel;
    }

    /** Sequences that it has room for. */
    public int sequences() {
        return sequences;
    }

    /** Whether what is computed for a sequence does not depend on the others. */
    public boolean isBatchInvariant() {
        return batchInvariant;
    }

    /**
     * Whether every token may be used again, whatever call computed it: rows are computed alone, or bits do not count. Else only
     * whole blocks of prompts may be.
     */
    public boolean usesEveryToken() {
        return rowsAlone || !batchInvariant;
    }

    /** How many of a sequence's first tokens can be used again where this many are held. */
    public int usableAgain(int tokens) {
        return usesEveryToken() ? tokens : tokens / BLOCK * BLOCK;
    }

    /** Whether a sequence can be cut back to any length: its cache drops no token. */
    public boolean keepsEveryToken() {
        return keepsEveryToken;
    }

    /**
     * Discards what was just evaluated after the first {@code length} tokens of a sequence, and pushed no token out of a
     * window.
     *
     * @return false if it cannot be discarded alone: a recurrent state knows no earlier one
     */
    public boolean dropAfter(int sequence, int length) {
        Objects.checkIndex(sequence, sequences);
        return LlamaCpp.llama_memory_seq_rm(memory(), sequence, length, -1);
    }

    /**
     * Discards what a sequence holds after its first {@code length} tokens.
     *
     * @return false if this kind of memory cannot, so that the sequence must be evaluated again: a recurrent state knows
     *     no earlier one, and a sliding window may have dropped tokens that are in the window again
     */
    public boolean cutBack(int sequence, int length) {
        return canCutBack(sequence) && dropAfter(sequence, length);
    }

    /** Whether a sequence still holds its first token, without which what is cut off cannot be evaluated again. */
    public boolean canCutBack(int sequence) {
        Objects.checkIndex(sequence, sequences);
        return LlamaCpp.llama_memory_seq_pos_min(memory(), sequence) == 0;
    }

    /**
     * Discards what every sequence holds after its first {@code length} tokens.
     *
     * @return false if the first sequence lost its beginning, so that all must be evaluated again
     */
    public boolean cutBackAll(int length) {
        return canCutBack(0) && LlamaCpp.llama_memory_seq_rm(memory(), -1, length, -1);
    }

    /** Discards all that a sequence holds. */
    public void forget(int sequence) {
        Objects.checkIndex(sequence, sequences);
        LlamaCpp.llama_memory_seq_rm(memory(), sequence, -1, -1);
    }

    /** Makes an empty sequence hold what another one does. */
    public void copy(int from, int to) {
        Objects.checkIndex(from, sequences);
        Objects.checkIndex(to, sequences);
        LlamaCpp.llama_memory_seq_cp(memory(), from, to, -1, -1);
    }

    /**
     * What the cache has of a sequence, as llama.cpp writes it.
     *
     * @param arena owns the result
     * @throws NativeCallException if it cannot be read
     */
    public MemorySegment state(int sequence, Arena arena) {
        Objects.checkIndex(sequence, sequences);
        NativeFailure.begin();
        long size = LlamaCpp.llama_state_seq_get_size(handle, sequence);
        MemorySegment state = arena.allocate(Math.max(1, size));
        long written = size == 0 ? 0 : LlamaCpp.llama_state_seq_get_data(handle, state, size, sequence);
        if (written != size || size == 0) {
            throw new NativeCallException(
                    String.format(
                            Locale.ROOT,
                            "Reading %d bytes of the KV cache gave %d. %s",
                            size,
                            written,
                            NativeFailure.explain()),
                    "llama_state_seq_get_data",
                    0);
        }
        return state;
    }

    /**
     * Makes an empty sequence hold what another one had.
     *
     * @param state as {@link #state} gave it, from a context of the same kind
     * @param tokens how many the sequence had
     * @return false if llama.cpp refuses it, or it has another number of tokens; the sequence is empty then
     */
    public boolean restore(int sequence, MemorySegment state, int tokens) {
        Objects.checkIndex(sequence, sequences);
        NativeFailure.begin();
        long read = LlamaCpp.llama_state_seq_set_data(handle, state, state.byteSize(), sequence);
        if (read != state.byteSize() || LlamaCpp.llama_memory_seq_pos_max(memory(), sequence) != tokens - 1) {
            forget(sequence);
            return false;
        }
        return true;
    }

    /**
     * Where the call that evaluates a prompt from a place on should end, so that what it computes does not depend on where
     * the calls before it ended.
     *
     * <p>That is anywhere if {@linkplain #usesEveryToken every token may be used again}. Else calls of whole blocks give the same
     * bits however many blocks each has, and the rest of a prompt, less than a block, is a call of its own.
     *
     * @param from a multiple of {@link #BLOCK}, or anything where a call takes less than a block or every token may be used
     * @param length tokens of the prompt
     * @param most tokens that one call should evaluate
     */
    public int endOfCall(int from, int length, int most) {
        if (usesEveryToken()) {
            return Math.min(length, from + Math.min(most, batchTokens));
        }
        int limit = Math.min(Math.min(most, batchTokens), microBatchTokens());
        int blocks = Math.min(limit, length - from) / BLOCK * BLOCK;
        if (blocks > 0) {
            return from + blocks;
        }
        int endOfBlock = Math.min(length, (from / BLOCK + 1) * BLOCK);
        return Math.min(endOfBlock, from + batchTokens);
    }

    /**
     * Evaluates a part of a sequence's tokens in one call, into {@link #batch()}.
     *
     * @param tokens of the whole sequence, which holds those before {@code from}
     * @param to as {@link #endOfCall} says
     * @param lastWanted whether the logits after the last of the tokens are wanted, if it is part of the call
     * @return false if the cancel flag was raised meanwhile
     */
    public boolean evaluate(int sequence, int[] tokens, int from, int to, boolean lastWanted) {
        placed.clear();
        for (int i = from; i < to; i++) {
            placed.add(tokens[i], i, sequence, lastWanted && i == tokens.length - 1);
        }
        return decode(placed);
    }

    /** Whether {@link #decodeAsAlone} may be used: a processor that can do it computes everything. */
    public boolean canComputeRowsAlone() {
        return LlamaCpp.lem_has_row_products() == 1 && setSingleRows(rowsAlone);
    }

    /** Whether every call computes each token as in a call of its own. */
    public boolean areRowsAlone() {
        return rowsAlone;
    }

    /**
     * Makes every call from now on compute each token as in a call of its own, or lets it use what is fastest for many; the
     * caller has found out that it can.
     */
    public void computeRowsAlone(boolean alone) {
        if (alone != rowsAlone) {
            setSingleRows(alone);
            rowsAlone = alone;
        }
    }

    /**
     * Evaluates a batch with each token as in a call of its own; see {@link #canComputeRowsAlone}.
     *
     * @return false if the cancel flag was raised meanwhile
     */
    public boolean decodeAsAlone(TokenBatch filled) {
        if (rowsAlone) {
            return decode(filled);
        }
        setSingleRows(true);
        try {
            return decode(filled);
        } finally {
            setSingleRows(false);
        }
    }

    /**
     * Whether {@link #evaluateAhead} may be used: a processor that can do it computes everything, and what was evaluated can be
     * discarded.
     */
    public boolean canEvaluateAhead() {
        return isBatchInvariant() && keepsEveryToken && canComputeRowsAlone();
    }

    /**
     * Evaluates tokens after those of a sequence in one call, into {@link #batch()}, with all logits.
     *
     * @param position where the first token goes: the sequence's length
     * @param alone whether each token is computed as in a call of its own; else as a step computes the tokens of several sequences
     * @return false if the cancel flag was raised meanwhile
     */
    public boolean evaluateAhead(int sequence, int[] ahead, int position, boolean alone) {
        placed.clear();
        for (int i = 0; i < ahead.length; i++) {
            placed.add(ahead[i], position + i, sequence, true);
        }
        return alone ? decodeAsAlone(placed) : decode(placed);
    }

    /** Returns whether the processor computes everything. */
    private boolean setSingleRows(boolean single) {
        int result = LlamaCpp.lem_single_rows(handle, single, error.address(), error.size());
        if (result < 0) {
            throw new NativeCallException(
                    "Choosing how several tokens are computed failed: " + error.message() + ".",
                    "lem_single_rows",
                    result);
        }
        return result == 1;
    }

    /** The batch to fill for {@link #decode(TokenBatch)}. */
    public TokenBatch batch() {
        return placed;
    }

    /**
     * Evaluates a batch.
     *
     * @return false if the cancel flag was raised meanwhile
     */
    public boolean decode(TokenBatch filled) {
        NativeFailure.begin();
        return succeeded(filled.decode(handle, error), filled.size());
    }

    /**
     * Replaces the active adapters. What was evaluated with others stays.
     *
     * @param adapters stay the caller's, who must not free them before they are replaced
     */
    public void apply(List<WeightedAdapter> adapters) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment handles = call.allocate(ValueLayout.ADDRESS, adapters.size());
            MemorySegment weights = call.allocate(ValueLayout.JAVA_FLOAT, adapters.size());
            for (int i = 0; i < adapters.size(); i++) {
                handles.setAtIndex(
                        ValueLayout.ADDRESS, i, adapters.get(i).adapter().handle());
                weights.setAtIndex(ValueLayout.JAVA_FLOAT, i, adapters.get(i).weight());
            }
            int code = LlamaCpp.llama_set_adapters_lora(handle, handles, adapters.size(), weights);
            if (code != 0) {
                throw new NativeCallException(
                        String.format(
                                Locale.ROOT, "Applying %d adapter(s) failed with code %d.", adapters.size(), code),
                        "llama_set_adapters_lora",
                        code);
            }
        }
    }

    /**
     * Evaluates tokens after those already there; the caller has checked that they fit.
     *
     * @return false if the cancel flag was raised meanwhile
     */
    public boolean decode(int[] prompt) {
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

    private boolean decodeBatch(int count) {
        llama_batch.n_tokens(batch, count);
        return decode(batch, count);
    }

    /** Evaluates a {@code llama_batch} of this many tokens. */
    boolean decode(MemorySegment filled, int count) {
        return succeeded(LlamaCpp.lem_decode(handle, filled, error.address(), error.size()), count);
    }

    private boolean succeeded(int code, int count) {
        return switch (code) {
            case DECODED -> true;
            case ABORTED -> false;
            default -> throw failure(code, count);
        };
    }

    private NativeCallException failure(int code, int count) {
        String reason = error.message().isEmpty() ? NativeFailure.explain() : error.message() + ".";
        return new NativeCallException(
                String.format(Locale.ROOT, "Evaluating %d token(s) failed with code %d. %s", count, code, reason),
                "llama_decode",
                code);
    }

    /** The logits of the token that follows the last one; valid until the next evaluation. */
    public MemorySegment logits() {
        return logits(-1);
    }

    /** A copy of them. */
    public float[] copyOfLogits() {
        return logits().toArray(ValueLayout.JAVA_FLOAT);
    }

    /** A copy of the logits after a token of the last batch that was added with logits. */
    public float[] copyOfLogits(int index) {
        return logits(index).toArray(ValueLayout.JAVA_FLOAT);
    }

    /** The logits after a token of the last batch; valid until the next evaluation. */
    public MemorySegment logits(int index) {
        MemorySegment row = LlamaCpp.llama_get_logits_ith(handle, index);
        if (row.equals(MemorySegment.NULL)) {
            throw new IllegalStateException("There are no logits before a token was evaluated.");
        }
        return row.reinterpret(logitsBytes);
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            LlamaCpp.llama_free(handle);
            arena.close();
        }
    }
}
