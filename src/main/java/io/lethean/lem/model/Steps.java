package io.lethean.lem.model;

import io.lethean.lem.internal.llama.NativeContext;
import io.lethean.lem.internal.llama.TokenBatch;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Steps: calls that evaluate one more token in each of several sequences. Confined to the model's thread.
 *
 * <p>In a batch-invariant context a token gets the bits that it gets in a step of its own. The processor can compute the rows of
 * a step that way, and does if {@link #isExact} finds it equal. Elsewhere every step has the same width, with tokens that
 * nobody needs in the idle sequences.
 */
final class Steps {

    /** Idle sequences between two others that get a token: llama.cpp would make two calls of a step with a gap. */
    private static final int GAP = 3;

    /** Tokens of a sequence to which attention takes a part of a step that counts. */
    private static final int MANY = 256;

    /** Results of checks that are remembered. */
    private static final int SETS = 64;

    /** A token to evaluate: in which sequence, and at which position. */
    record Row(Place place, int token, int position) {}

    private final NativeContext context;
    private final PromptMemory memory;
    private final Supplier<AdapterSet> applied;
    private final Map<AdapterSet, Boolean> exact = new HashMap<>();
    private final int[] batchRows;

    /** @param applied the adapters that the context computes with */
    Steps(NativeContext context, PromptMemory memory, Supplier<AdapterSet> applied) {
        this.context = context;
        this.memory = memory;
        this.applied = applied;
        this.batchRows = new int[context.parallel()];
    }

    /**
     * Finds out, once for each set of adapters, how steps are to be computed. For the time before an answer begins, while no
     * other one is under way.
     */
    void prepare() {
        if (!context.isBatchInvariant() || exact.containsKey(applied.get())) {
            return;
        }
        if (exact.size() == SETS) {
            exact.clear();
        }
        exact.put(applied.get(), isExact());
    }

    /** Whether the rows of a step are computed as in a step of their own. */
    boolean areRowsAlone() {
        return context.isBatchInvariant() && (context.parallel() == 1 || exact.getOrDefault(applied.get(), false));
    }

    /**
     * Evaluates a token in each of several sequences, in the order of their numbers.
     *
     * @return false if the cancel flag was raised meanwhile
     */
    boolean evaluate(List<Row> rows) {
        boolean alone = areRowsAlone();
        boolean[] filled = filled(rows, alone);
        TokenBatch batch = context.batch().clear();
        int next = 0;
        for (int sequence = 0; sequence < context.parallel(); sequence++) {
            batchRows[sequence] = batch.size();
            if (next < rows.size() && rows.get(next).place().sequence() == sequence) {
                Row row = rows.get(next++);
                batch.add(row.token(), row.position(), sequence, true);
            } else if (filled[sequence]) {
                memory.place(sequence).addToken(0, batch);
            }
        }
        boolean evaluated = alone && isFasterAlone(rows) ? context.decodeAsAlone(batch) : context.decode(batch);
        for (int sequence = 0; sequence < filled.length; sequence++) {
            if (filled[sequence]) {
                memory.place(sequence).dropAhead();
            }
        }
        return evaluated;
    }

    /** Of a single row both ways give the same bits; the attention to many tokens is faster there, and all else here. */
    private boolean isFasterAlone(List<Row> rows) {
        return context.batch().size() > 1 || rows.getFirst().position() >= MANY;
    }

    /** The scores after the token that the last step evaluated in a sequence. */
    MemorySegment logits(Place place) {
        return context.logits(batchRows[place.sequence()]);
    }

    /** Which of the other sequences get a token, too. */
    private boolean[] filled(List<Row> rows, boolean alone) {
        boolean[] filled = new boolean[context.parallel()];
        if (context.isBatchInvariant() && !alone) {
            Arrays.fill(filled, true);
        }
        for (int i = 1; i < rows.size() && context.keepsEveryToken(); i++) {
            int from = rows.get(i - 1).place().sequence() + 1;
            int to = rows.get(i).place().sequence();
            if (to - from <= GAP) {
                Arrays.fill(filled, from, to, true);
            }
        }
        rows.forEach(row -> filled[row.place().sequence()] = false);
        return filled;
    }

    /** Compares two tokens in a step that evaluates one in every sequence with both in steps of their own, to the last bit. */
    private boolean isExact() {
        if (!context.canComputeRowsAlone()) {
            return false;
        }
        Place first = memory.place(0);
        Place last = memory.place(context.parallel() - 1);
        float[] scoresOfFirst = scoresAlone(first, 0);
        float[] scoresOfLast = last == first ? scoresOfFirst : scoresAlone(last, 1);
        TokenBatch batch = context.batch().clear();
        for (int sequence = 0; sequence < context.parallel(); sequence++) {
            memory.place(sequence).addToken(sequence == 0 ? 0 : 1, batch);
        }
        boolean equal = scoresOfFirst.length > 0
                && scoresOfLast.length > 0
                && context.decodeAsAlone(batch)
                && context.logits(0).mismatch(MemorySegment.ofArray(scoresOfFirst)) < 0
                && context.logits(last.sequence()).mismatch(MemorySegment.ofArray(scoresOfLast)) < 0;
        for (int sequence = 0; sequence < context.parallel(); sequence++) {
            memory.place(sequence).dropAhead();
        }
        return equal;
    }

    /** The scores after a token; empty if the cancel flag was raised meanwhile. */
    private float[] scoresAlone(Place place, int token) {
        TokenBatch batch = context.batch().clear();
        place.addToken(token, batch);
        float[] scores = context.decode(batch) ? context.copyOfLogits(0) : new float[0];
        place.dropAhead();
        return scores;
    }
}
