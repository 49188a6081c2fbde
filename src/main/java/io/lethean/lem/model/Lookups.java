package io.lethean.lem.model;

import io.lethean.lem.internal.llama.NativeContext;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Prompt lookup in a context: drafts of what comes next are evaluated together with the present token, in calls that give the
 * bits of steps of one token. So what is chosen does not depend on the drafts, and only time is won or lost by them.
 *
 * <p>Which calls these are is checked at the first draft. Confined to the model's thread.
 */
final class Lookups {

    /** llama.cpp looks at this many KV cells more at a time, and the number can decide how they are added up. */
    private static final int CELLS = 256;

    private static final int[] NONE = {};

    private final NativeContext context;
    private final CallTimes times = new CallTimes();
    private final WidthCheck check;
    private int @Nullable [] widths;

    Lookups(NativeContext context, PromptMemory memory) {
        this.context = context;
        this.check = new WidthCheck(context, memory, times);
    }

    /** Forgets what was checked, because the model's adapters may have changed. */
    void forgotten() {
        widths = null;
    }

    /**
     * The tokens of the next call: the one that was chosen last, and a draft of those after it.
     *
     * @param answer the only one that is being generated
     * @return empty if the next call should be a step of one token
     */
    int[] next(AnswerInProgress answer, Place place) {
        AnswerLookup lookup = answer.lookup();
        if (lookup == null) {
            return NONE;
        }
        int room = Math.min(context.capacity() - place.length(), CELLS - place.length() % CELLS);
        if (widths == null && room >= WidthCheck.WIDEST && lookup.isPossible(answer.history())) {
            widths = context.canEvaluateAhead() ? check.run(place, lastOf(answer.history())) : NONE;
        }
        return widths == null
                ? NONE
                : lookup.next(answer.history(), upTo(Math.min(room, answer.tokensLeft()), widths), times);
    }

    private static int[] lastOf(TokenHistory history) {
        int[] tokens = new int[WidthCheck.WIDEST];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = history.token(Math.max(0, history.length() - 1 - i));
        }
        return tokens;
    }

    private static int[] upTo(int most, int[] widths) {
        int count = 0;
        while (count < widths.length && widths[count] <= most) {
            count++;
        }
        return Arrays.copyOf(widths, count);
    }

    /** Evaluates such a call; see {@link NativeContext#evaluateAhead}. */
    boolean evaluate(Place place, int[] tokens) {
        boolean evaluated = context.evaluateAhead(place.sequence(), tokens, place.length());
        if (evaluated) {
            place.evaluatedAhead();
        }
        return evaluated;
    }

    /** Notes that an answer took a step of one token while no other one was generated. */
    void stepped(AnswerInProgress answer, long nanos) {
        AnswerLookup lookup = answer.lookup();
        if (lookup != null) {
            times.add(1, nanos);
            lookup.stepped();
        }
    }

    /**
     * Notes that an answer took a call with a draft.
     *
     * @param right drafted tokens that were chosen
     */
    void called(AnswerInProgress answer, int rows, int right, long nanos) {
        AnswerLookup lookup = answer.lookup();
        if (lookup != null) {
            times.add(rows, nanos);
            lookup.called(rows, right, nanos, times.median(1));
        }
    }
}
