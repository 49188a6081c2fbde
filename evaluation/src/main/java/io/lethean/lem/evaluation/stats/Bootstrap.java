package io.lethean.lem.evaluation.stats;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * Bootstrap intervals for a mean.
 *
 * <p>The plain percentile interval is too short for few values, by about the factor that parts Student's t from the
 * normal distribution; the percentiles are moved outward by that factor (the expanded percentile interval of T. C.
 * Hesterberg, "What Teachers Should Know About the Bootstrap", The American Statistician 69, 2015).
 *
 * @param resamples how often to draw, at least 100; default 10,000
 * @param level of the interval, between 0 and 1; default 0.95
 * @param seed of the draws; default 1234
 */
public record Bootstrap(int resamples, double level, long seed) {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public Bootstrap {
        if (resamples < 100) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "%d resamples are too few; use 100 or more.", resamples));
        }
        Interval.requireLevel(level);
    }

    /** {@return 10,000 resamples, 95 %, seed 1234} */
    public static Bootstrap defaults() {
        return new Bootstrap(10_000, 0.95, 1234);
    }

    /**
     * {@return the interval of the mean; empty for fewer than two values, which tell nothing about their spread}
     *
     * @param values one value per probe
     */
    public Optional<Interval> mean(double[] values) {
        if (values.length < 2) {
            return Optional.empty();
        }
        double[] means = resampledMeans(values);
        Arrays.sort(means);
        double tail = expandedTail(values.length);
        return Optional.of(new Interval(quantile(means, tail), quantile(means, 1 - tail), level));
    }

    private double[] resampledMeans(double[] values) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] means = new double[resamples];
        for (int i = 0; i < resamples; i++) {
            double sum = 0;
            for (int draw = 0; draw < values.length; draw++) {
                sum += values[random.nextInt(values.length)];
            }
            means[i] = sum / values.length;
        }
        return means;
    }

    /** The share of resamples beyond each end. */
    private double expandedTail(int n) {
        double t = TDistribution.of(n - 1.0).inverseSurvivalProbability((1 - level) / 2);
        return NormalDistribution.of(0, 1).survivalProbability(t * Math.sqrt(n / (n - 1.0)));
    }

    /** Linear between the two nearest order statistics (type 7 of Hyndman and Fan). */
    private static double quantile(double[] sorted, double p) {
        double at = p * (sorted.length - 1);
        int below = (int) at;
        double above = sorted[Math.min(below + 1, sorted.length - 1)];
        return sorted[below] + (at - below) * (above - sorted[below]);
    }
}
