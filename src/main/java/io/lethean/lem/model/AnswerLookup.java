package io.lethean.lem.model;

/** The drafts of one answer. Confined to the model's thread. */
final class AnswerLookup {

    private final LookupDraft draft = new LookupDraft();
    private final DraftAccount account = new DraftAccount();
    private int drafted;
    private int accepted;

    /**
     * The tokens of the next call: the present one, which was chosen but not evaluated, and a draft of those after it.
     *
     * @param history ends with the present token
     * @param widths tokens that a call may have, in rising order
     * @param times of such calls
     * @return empty if the next call should be a step of one token
     */
    int[] next(TokenHistory history, int[] widths, CallTimes times) {
        int rows = account.rows(widths, times);
        if (rows == 1) {
            return new int[0];
        }
        int[] after = draft.after(history, rows - 1, account.hasGained() ? LookupDraft.SHORTEST : LookupDraft.LONGEST);
        if (after.length == 0) {
            return after;
        }
        int[] tokens = new int[rows];
        tokens[0] = history.token(history.length() - 1);
        System.arraycopy(after, 0, tokens, 1, after.length);
        return tokens;
    }

    /** Whether there is a good draft. */
    boolean isPossible(TokenHistory history) {
        return draft.after(history, 1, LookupDraft.LONGEST).length > 0;
    }

    /** Whether nearly all drafted tokens were right lately. */
    boolean isMostlyRight() {
        return account.isMostlyRight();
    }

    /** Notes a step of one token. */
    void stepped() {
        account.stepped();
    }

    /** Notes a call with a draft; see {@link DraftAccount#called}. */
    void called(int rows, int right, long nanos, long step) {
        drafted += rows - 1;
        accepted += right;
        account.called(rows, right, nanos, step);
    }

    int drafted() {
        return drafted;
    }

    int accepted() {
        return accepted;
    }
}
