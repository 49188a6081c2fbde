package io.lethean.lem.model;

/**
 * Decides how many rows the next call of an answer has, so that drafting costs at most a small part of the answer's time.
 *
 * <p>It keeps an account in nanoseconds: a call earns the steps that it replaced, and costs its own time. A call is made if it
 * is expected to be faster than steps of one token, by the share of tokens that were right lately; or, to learn this share
 * again, if the account can pay for a draft that is wrong.
 */
final class DraftAccount {

    /** What may be lost: so many steps, and a share of all steps. */
    private static final double STEPS_TO_LOSE = 1.25;

    private static final double SHARE_TO_LOSE = 0.01;
    /** How much each drafted token changes the share of tokens that were right. */
    private static final double WEIGHT = 0.15;

    private static final double FIRST_SHARE = 0.7;
    /** From this share on a wider call may be worth its check. */
    private static final double LARGE_SHARE = 0.85;

    private double balance;
    private double right = FIRST_SHARE;
    private int tokens;

    /** Notes a step of one token. */
    void stepped() {
        tokens++;
    }

    /**
     * Notes a call.
     *
     * @param rows that it had
     * @param accepted drafted tokens that were right
     * @param nanos that it took
     * @param step nanoseconds of a step of one token
     */
    void called(int rows, int accepted, long nanos, long step) {
        int obtained = accepted + 1;
        tokens += obtained;
        balance += obtained * (double) step - nanos;
        for (int i = 0; i < accepted; i++) {
            right += WEIGHT * (1 - right);
        }
        if (obtained < rows) {
            right -= WEIGHT * right;
        }
    }

    /** Whether nearly all drafted tokens were right lately. */
    boolean isMostlyRight() {
        return right >= LARGE_SHARE;
    }

    /** Whether the account pays for a draft that is likely to be wrong. */
    boolean hasGained() {
        return balance > 0;
    }

    /**
     * How many rows the next call should have.
     *
     * @param widths what can be chosen, in rising order
     * @param times of such calls, and of steps of one token
     * @return one of the widths, or 1 for a step of one token
     */
    int rows(int[] widths, CallTimes times) {
        double step = times.median(1);
        int best = 1;
        double most = 1 / step;
        for (int width : widths) {
            double speed = expected(width) / time(width, times);
            if (speed > most && isAffordable(width, times)) {
                most = speed;
                best = width;
            }
        }
        boolean tryAgain = best == 1 && widths.length > 0 && isAffordable(widths[0], times);
        return tryAgain ? widths[0] : best;
    }

    private static double time(int width, CallTimes times) {
        double guess = width * (double) times.median(1) / 2;
        return times.isReliable(width) ? times.median(width) : Math.min(times.median(width), guess);
    }

    private boolean isAffordable(int width, CallTimes times) {
        double step = times.median(1);
        double loss = time(width, times) - step;
        return loss <= balance + (STEPS_TO_LOSE + SHARE_TO_LOSE * tokens) * step;
    }

    /** Tokens that a call is expected to give, if each drafted one is right with the same probability. */
    private double expected(int width) {
        double sum = 0;
        double probability = 1;
        for (int i = 0; i < width; i++) {
            sum += probability;
            probability *= right;
        }
        return sum;
    }
}
