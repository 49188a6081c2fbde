package io.lethean.lem.evaluation.stats;

import java.util.Locale;
import org.apache.commons.statistics.distribution.BinomialDistribution;

/** Exact two-sided tests that assume nothing about how scores are distributed. */
public final class ExactTest {

    private ExactTest() {}

    /**
     * The sign test: how likely a split at least this uneven is if ups and downs were equally likely.
     *
     * <p>On verdicts of right and wrong this is McNemar's exact test: {@code up} are the questions that only the second
     * answered rightly, {@code down} those that only the first did.
     *
     * @param up pairs in which the second is higher
     * @param down pairs in which the first is higher
     * @return the p-value; 1 if there is no up and no down
     */
    public static double sign(int up, int down) {
        if (up < 0 || down < 0) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT, "Counts of ups and downs are %d and %d; neither may be negative.", up, down));
        }
        if (up == down) {
            return 1;
        }
        BinomialDistribution even = BinomialDistribution.of(up + down, 0.5);
        return Math.min(1, 2 * even.cumulativeProbability(Math.min(up, down)));
    }
}
