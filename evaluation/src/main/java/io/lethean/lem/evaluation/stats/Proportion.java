package io.lethean.lem.evaluation.stats;

import java.util.Locale;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * The share of successes.
 *
 * <p>The bootstrap says of 0 out of 50 that the share is surely 0; this interval does not.
 *
 * @param successes how many succeeded
 * @param n out of how many, at least 1
 */
public record Proportion(int successes, int n) {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public Proportion {
        if (successes < 0 || n < 1 || successes > n) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "%d out of %d is not a share.", successes, n));
        }
    }

    /** {@return the share, from 0 to 1} */
    public double value() {
        return (double) successes / n;
    }

    /**
     * {@return the score interval (E. B. Wilson, Journal of the American Statistical Association 22, 1927)}
     *
     * @param level such as 0.95
     */
    public Interval interval(double level) {
        Interval.requireLevel(level);
        double z = NormalDistribution.of(0, 1).inverseSurvivalProbability((1 - level) / 2);
        double z2 = z * z / n;
        double centre = (value() + z2 / 2) / (1 + z2);
        double half = z / (1 + z2) * Math.sqrt(value() * (1 - value()) / n + z2 / (4 * n));
        double low = successes == 0 ? 0 : centre - half;
        double high = successes == n ? 1 : centre + half;
        return new Interval(low, high, level);
    }
}
