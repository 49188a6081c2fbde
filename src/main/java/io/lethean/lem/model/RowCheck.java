package io.lethean.lem.model;

import io.lethean.lem.internal.llama.NativeContext;
import io.lethean.lem.internal.llama.TokenBatch;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Finds out in which calls tokens get the bits of calls of their own, by comparing every logit of some. Confined to the model's
 * thread, and used while no answer is being generated.
 *
 * <p>Logits show more than their own token: they depend on the keys and values of all tokens before it, as the call computed them.
 */
final class RowCheck {

    /** Tokens of one sequence that are compared. */
    private static final int TOKENS = 3;

    /** In which calls the rows are equal. */
    enum Result {
        NONE,
        /** In those with one token of each sequence. */
        STEPS,
        /** In those with several tokens of a sequence, too. */
        EVERY_CALL,
        /** The cancel flag was raised meanwhile. */
        CANCELLED
    }

    private final NativeContext context;

    RowCheck(NativeContext context) {
        this.context = context;
    }

    /**
     * Compares tokens in the first and the last of the sequences in which answers are generated. They hold afterwards what they
     * held before, or nothing.
     *
     * @param places the sequences
     */
    Result run(IntFunction<Place> places) {
        Place first = places.apply(0);
        Place last = places.apply(context.parallel() - 1);
        if (!context.canComputeRowsAlone() || context.capacity() < TOKENS) {
            return Result.NONE;
        }
        if (!context.keepsEveryToken()) {
            // What is evaluated here could not be dropped alone.
            first.forget();
            last.forget();
        }
        first.makeRoom(TOKENS);
        List<float[]> ofFirst = alone(first, 0, TOKENS);
        List<float[]> ofLast = last == first ? ofFirst : alone(last, 1, 1);
        if (ofFirst.size() < TOKENS || ofLast.isEmpty()) {
            return Result.CANCELLED;
        }
        TokenBatch batch = context.batch().clear();
        for (int sequence = 0; sequence < context.parallel(); sequence++) {
            places.apply(sequence).addToken(sequence == 0 ? 0 : 1, batch);
        }
        boolean evaluated = context.decodeAsAlone(batch);
        boolean steps = evaluated && equal(0, ofFirst.getFirst()) && equal(last.sequence(), ofLast.getFirst());
        for (int sequence = 0; sequence < context.parallel(); sequence++) {
            places.apply(sequence).dropAhead();
        }
        if (!evaluated) {
            return Result.CANCELLED;
        }
        if (!steps) {
            return Result.NONE;
        }
        return together(first, ofFirst);
    }

    private Result together(Place place, List<float[]> alone) {
        if (context.batch().maxLogitRows() < TOKENS) {
            return Result.STEPS;
        }
        TokenBatch batch = context.batch().clear();
        for (int i = 0; i < TOKENS; i++) {
            batch.add(i, place.length() + i, place.sequence(), true);
        }
        boolean evaluated = context.decodeAsAlone(batch);
        boolean equal = evaluated;
        for (int i = 0; i < TOKENS && equal; i++) {
            equal = equal(i, alone.get(i));
        }
        place.dropAhead();
        return !evaluated ? Result.CANCELLED : equal ? Result.EVERY_CALL : Result.STEPS;
    }

    private boolean equal(int row, float[] scores) {
        return context.logits(row).mismatch(MemorySegment.ofArray(scores)) < 0;
    }

    /** The scores after each of some tokens in calls of their own; fewer if the cancel flag was raised meanwhile. */
    private List<float[]> alone(Place place, int token, int count) {
        List<float[]> scores = new ArrayList<>();
        place.makeRoom(count);
        for (int i = 0; i < count; i++) {
            TokenBatch batch = context.batch().clear();
            batch.add(token + i, place.length() + i, place.sequence(), true);
            if (!context.decode(batch)) {
                break;
            }
            scores.add(context.copyOfLogits(0));
        }
        place.dropAhead();
        return scores;
    }
}
