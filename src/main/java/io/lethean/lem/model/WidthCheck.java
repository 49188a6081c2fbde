package io.lethean.lem.model;

import io.lethean.lem.internal.llama.NativeContext;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds out whether one call evaluates several tokens of a sequence with the bits that steps of one token give.
 *
 * <p>It evaluates the same tokens both ways and compares every logit. Other bits in one logit rule a width out: the cache of
 * the tokens has other bits then, too, and no bound on the logits of this call says what that does to later tokens.
 */
final class WidthCheck {

    /** What became of a check. */
    enum Result {
        EQUAL,
        DIFFERENT,
        CANCELLED
    }

    private final NativeContext context;
    private final Steps steps;
    private final CallTimes times;

    WidthCheck(NativeContext context, Steps steps, CallTimes times) {
        this.context = context;
        this.steps = steps;
        this.times = times;
    }

    /**
     * Checks calls of as many tokens as are given, in a sequence that has room for them, while no other answer is generated.
     * The sequence holds afterwards what it held before.
     */
    Result run(Place place, int[] tokens) {
        if (tokens.length > Math.min(context.batch().maxLogitRows(), context.microBatchTokens())) {
            return Result.DIFFERENT;
        }
        List<float[]> expected = steps(place, tokens);
        if (expected.size() < tokens.length) {
            return Result.CANCELLED;
        }
        long begun = System.nanoTime();
        if (!context.evaluateAhead(place.sequence(), tokens, place.length(), steps.areRowsAlone())) {
            place.dropUnfinished();
            return Result.CANCELLED;
        }
        times.add(tokens.length, System.nanoTime() - begun);
        boolean equal = true;
        for (int row = 0; row < tokens.length; row++) {
            equal &= context.logits(row).mismatch(MemorySegment.ofArray(expected.get(row))) < 0;
        }
        place.dropAhead();
        return equal ? Result.EQUAL : Result.DIFFERENT;
    }

    /** The logits of steps of one token; fewer if the cancel flag was raised meanwhile. */
    private List<float[]> steps(Place place, int[] tokens) {
        List<float[]> logits = new ArrayList<>();
        for (int row = 0; row < tokens.length; row++) {
            long begun = System.nanoTime();
            if (!steps.evaluate(List.of(new Steps.Row(place, tokens[row], place.length() + row)))) {
                place.dropUnfinished();
                return logits;
            }
            times.add(1, System.nanoTime() - begun);
            logits.add(steps.logits(place).toArray(ValueLayout.JAVA_FLOAT));
        }
        place.dropAhead();
        return logits;
    }
}
