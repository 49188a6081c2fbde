package io.lethean.lem.internal.llama;

import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.ffi.llama_batch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;

/**
 * The tokens that one call evaluates, each with its sequence, its position there and whether its logits are wanted.
 *
 * <p>Everything that llama.cpp would abort on is refused here: more tokens or more wanted logits than the context was
 * made for, and sequences that it does not have. Positions are the caller's; llama.cpp refuses those that leave a gap.
 */
public final class TokenBatch {

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private final int capacity;
    private final int maxLogitRows;
    private final MemorySegment batch;
    private final MemorySegment tokens;
    private final MemorySegment positions;
    private final MemorySegment sequenceCounts;
    private final MemorySegment firstSequences;
    private final MemorySegment wanted;
    /** The numbers of the sequences in order, which the batch's tokens point at. */
    private final MemorySegment sequences;

    private int size;
    private int logitRows;

    /**
     * @param capacity tokens that it can hold, at most the context's batch size
     * @param maxLogitRows tokens that may have logits at once
     * @param sequenceCount sequences of the context
     */
    TokenBatch(Arena arena, int capacity, int maxLogitRows, int sequenceCount) {
        this.capacity = capacity;
        this.maxLogitRows = maxLogitRows;
        batch = llama_batch.allocate(arena);
        tokens = arena.allocate(INT, capacity);
        positions = arena.allocate(INT, capacity);
        sequenceCounts = arena.allocate(INT, capacity);
        firstSequences = arena.allocate(ValueLayout.ADDRESS, capacity);
        wanted = arena.allocate(BYTE, capacity);
        sequences = arena.allocate(INT, sequenceCount);
        for (int sequence = 0; sequence < sequenceCount; sequence++) {
            sequences.setAtIndex(INT, sequence, sequence);
        }
        llama_batch.token(batch, tokens);
        llama_batch.pos(batch, positions);
        llama_batch.n_seq_id(batch, sequenceCounts);
        llama_batch.seq_id(batch, firstSequences);
        llama_batch.logits(batch, wanted);
    }

    public TokenBatch clear() {
        size = 0;
        logitRows = 0;
        return this;
    }

    /** Adds a token at the end of a sequence. */
    public void add(int token, int position, int sequence, boolean wantsLogits) {
        add(token, position, sequence, 1, wantsLogits);
    }

    /**
     * Adds a token at the end of several sequences, which share their cells.
     *
     * @param first the first of the sequences
     * @param count how many there are
     */
    public void add(int token, int position, int first, int count, boolean wantsLogits) {
        if (!hasRoom(wantsLogits)) {
            throw new IllegalStateException(String.format(
                    Locale.ROOT,
                    "A batch takes %d tokens and %d rows of logits; this would be one more.",
                    capacity,
                    maxLogitRows));
        }
        tokens.setAtIndex(INT, size, token);
        positions.setAtIndex(INT, size, position);
        sequenceCounts.setAtIndex(INT, size, count);
        // A slice checks that there are such sequences.
        firstSequences.setAtIndex(
                ValueLayout.ADDRESS,
                size,
                sequences.asSlice(first * (long) Integer.BYTES, count * (long) Integer.BYTES));
        wanted.setAtIndex(BYTE, size, (byte) (wantsLogits ? 1 : 0));
        logitRows += wantsLogits ? 1 : 0;
        size++;
    }

    /** Whether one more token fits. */
    public boolean hasRoom(boolean wantsLogits) {
        return size < capacity && !(wantsLogits && logitRows == maxLogitRows);
    }

    public int size() {
        return size;
    }

    public int maxLogitRows() {
        return maxLogitRows;
    }

    /** Evaluates it; what {@code lem_decode} returns. */
    int decode(MemorySegment context, NativeText.ErrorBuffer error) {
        llama_batch.n_tokens(batch, size);
        return LlamaCpp.lem_decode(context, batch, error.address(), error.size());
    }
}
