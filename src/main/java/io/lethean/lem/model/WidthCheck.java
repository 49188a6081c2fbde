package io.lethean.lem.model;

import io.lethean.lem.internal.llama.NativeContext;
import io.lethean.lem.internal.llama.TokenBatch;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds out how many tokens of a sequence one call can evaluate with the bits that steps of one token give.
 *
 * <p>It evaluates the same tokens both ways and compares every logit. Other bits in one logit rule a width out: the cache of
 * the tokens has other bits then, too, and no bound on the logits of this call says what that does to later tokens.
 */
final class WidthCheck {

    /** Odd, because some processors multiply rows in pairs, which gives an even number of rows other bits. */
    private static final int[] WIDTHS = {3, 5, 9};

    static final int WIDEST = WIDTHS[WIDTHS.length - 1];

    private final NativeContext context;
    private final PromptMemory memory;
    private final CallTimes times;

    WidthCheck(NativeContext context, PromptMemory memory, CallTimes times) {
        this.context = context;
        this.memory = memory;
        this.times = times;
    }

    /**
     * Checks all widths in a sequence that has room for the widest, while no other answer is generated. The sequence holds
     * afterwards what it held before.
     *
     * @param tokens are evaluated, as many as the widest call has
     * @return the widths with equal bits, in rising order; null if the cancel flag was raised meanwhile
     */
    int @Nullable [] run(Place place, int[] tokens) {
        List<float[]> expected = new ArrayList<>();
        for (int row = 0; row < WIDEST; row++) {
            long begun = System.nanoTime();
            if (!step(place, tokens[row], place.length() + row)) {
                place.dropUnfinished();
                return null;
            }
            times.add(1, System.nanoTime() - begun);
            expected.add(context.copyOfLogits(place.sequence()));
        }
        place.dropAhead();
        int[] exact = new int[WIDTHS.length];
        int count = 0;
        for (int width : WIDTHS) {
            Boolean equal = isEqual(place, Arrays.copyOf(tokens, width), expected);
            if (equal == null) {
                return null;
            }
            if (equal) {
                exact[count++] = width;
            }
        }
        return Arrays.copyOf(exact, count);
    }

    /** A step as the scheduler takes it: one token in each sequence. */
    private boolean step(Place place, int token, int position) {
        TokenBatch batch = context.batch().clear();
        for (int sequence = 0; sequence < context.parallel(); sequence++) {
            if (sequence == place.sequence()) {
                batch.add(token, position, sequence, true);
            } else {
                memory.place(sequence).addIdleToken(batch);
            }
        }
        boolean evaluated = context.decode(batch);
        for (int sequence = 0; sequence < context.parallel(); sequence++) {
            if (sequence != place.sequence()) {
                memory.place(sequence).dropAhead();
            }
        }
        return evaluated;
    }

    private @Nullable Boolean isEqual(Place place, int[] tokens, List<float[]> expected) {
        int width = tokens.length;
        if (width > Math.min(context.batch().maxLogitRows(), context.microBatchTokens())) {
            return false;
        }
        long begun = System.nanoTime();
        if (!context.evaluateAhead(place.sequence(), tokens, place.length())) {
            place.dropUnfinished();
            return null;
        }
        times.add(width, System.nanoTime() - begun);
        boolean equal = true;
        for (int row = 0; row < width; row++) {
            MemorySegment logits = context.logits(row);
            equal &= logits.mismatch(MemorySegment.ofArray(expected.get(row))) < 0;
        }
        place.dropAhead();
        return equal;
    }
}
