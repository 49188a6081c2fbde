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
 * a step that way, and does if {@link RowCheck} finds it equal. Elsewhere every step has the same width, with tokens that
 * nobody needs in the idle sequences. If the rows of prompts are equal, too, every call computes them that way.
 */
final class Steps {

    /** Idle sequences between two others that get a token: llama.cpp would make two calls of a step with a gap. */
    private static final int GAP = 3;

    /** Results of checks that are remembered. */
    private static final int SETS = 64;

    /** A token to evaluate: in which sequence, and at which position. */
    record Row(Place place, int token, int position) {}

    private final NativeContext context;
    private final PromptMemory memory;
    private final Supplier<AdapterSet> applied;
    private final Map<AdapterSet, RowCheck.Result> checked = new HashMap<>();
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
        if (!context.isBatchInvariant()) {
            return;
        }
        RowCheck.Result result = checked.get(applied.get());
        if (result == null) {
            if (checked.size() == SETS) {
                checked.clear();
            }
            context.computeRowsAlone(false);
            result = new RowCheck(context).run(memory::place);
            if (result != RowCheck.Result.CANCELLED) {
                checked.put(applied.get(), result);
            }
        }
        context.computeRowsAlone(result == RowCheck.Result.EVERY_CALL);
    }

    /** Whether the rows of a step are computed as in a step of their own. */
    boolean areRowsAlone() {
        return context.areRowsAlone()
                || context.isBatchInvariant() && checked.get(applied.get()) == RowCheck.Result.STEPS;
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
        boolean evaluated = alone ? context.decodeAsAlone(batch) : context.decode(batch);
        for (int sequence = 0; sequence < filled.length; sequence++) {
            if (filled[sequence]) {
                memory.place(sequence).dropAhead();
            }
        }
        return evaluated;
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
}
