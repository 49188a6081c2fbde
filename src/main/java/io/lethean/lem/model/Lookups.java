package io.lethean.lem.model;

import io.lethean.lem.internal.llama.NativeContext;
import java.util.Arrays;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Prompt lookup in a context: drafts of what comes next are evaluated together with the present token, in calls that give the
 * bits of steps of one token. So what is chosen does not depend on the drafts, and only time is won or lost by them.
 *
 * <p>Which calls these are is checked before the first of them. Confined to the model's thread.
 */
final class Lookups {

    /** llama.cpp looks at this many KV cells more at a time, and the number can decide how they are added up. */
    private static final int CELLS = 256;

    /** Odd, because some processors multiply rows in pairs, which gives an even number of rows other bits. */
    private static final int[] WIDTHS = {3, 5, 9};

    private final NativeContext context;
    private final CallTimes times = new CallTimes();
    private final Steps steps;
    private final WidthCheck check;
    private final Supplier<AdapterSet> applied;
    private @Nullable AdapterSet checkedWith;
    private int exact;
    private boolean allChecked;

    /** @param applied the adapters that the context computes with */
    Lookups(NativeContext context, Steps steps, Supplier<AdapterSet> applied) {
        this.context = context;
        this.applied = applied;
        this.steps = steps;
        this.check = new WidthCheck(context, steps, times);
    }

    /** Adapters add products of their own, so that what was checked without them counts no more. */
    private void forgetCheckWithOthers() {
        AdapterSet present = applied.get();
        if (!present.equals(checkedWith)) {
            checkedWith = present;
            exact = 0;
            allChecked = false;
        }
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
            return new int[0];
        }
        forgetCheckWithOthers();
        int cells = context.areRowsAlone() ? Integer.MAX_VALUE : CELLS - place.length() % CELLS;
        int room = Math.min(context.capacity() - place.length(), cells);
        if (!allChecked && WIDTHS[exact] <= room && isWorthACheck(lookup, answer.history())) {
            checkNext(answer, place);
        }
        int most = Math.min(room, answer.tokensLeft());
        int[] widths =
                Arrays.stream(WIDTHS, 0, exact).filter(width -> width <= most).toArray();
        return lookup.next(answer.history(), widths, times);
    }

    /** The narrowest call is checked at the first draft, a wider one if the drafts are long enough for it. */
    private boolean isWorthACheck(AnswerLookup lookup, TokenHistory history) {
        return exact == 0 ? lookup.isPossible(history) : lookup.isMostlyRight();
    }

    private void checkNext(AnswerInProgress answer, Place place) {
        if (!context.canEvaluateAhead()) {
            allChecked = true;
            return;
        }
        TokenHistory history = answer.history();
        int[] tokens = IntStream.range(0, WIDTHS[exact])
                .map(i -> history.token(Math.max(0, history.length() - 1 - i)))
                .toArray();
        switch (check.run(place, tokens)) {
            case EQUAL -> allChecked = ++exact == WIDTHS.length;
            case DIFFERENT -> allChecked = true;
            case CANCELLED -> {}
        }
    }

    /** Evaluates such a call; see {@link NativeContext#evaluateAhead}. */
    boolean evaluate(Place place, int[] tokens) {
        boolean evaluated = context.evaluateAhead(place.sequence(), tokens, place.length(), steps.areRowsAlone());
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
