package io.lethean.lem.evaluation.stats;

import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.apache.commons.statistics.distribution.NormalDistribution;

/** The size of a paired difference, independent of its certainty. */
public final class EffectSize {

    private EffectSize() {}

    /**
     * {@return Cohen's d for pairs, the mean difference in units of the differences' standard deviation; empty if they
     * do not vary or are fewer than two}
     *
     * @param differences one difference per pair
     */
    public static OptionalDouble cohensD(double[] differences) {
        double deviation = Moments.deviation(differences);
        return differences.length < 2 || deviation == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of(Moments.mean(differences) / deviation);
    }

    /**
     * {@return the matched-pairs rank-biserial correlation, -1 to 1: by how much ranks of rises outweigh ranks of
     * falls; zeros left out, ties given their mean rank (D. S. Kerby, 2014);
     * empty if nothing rose or fell}
     *
     * @param differences one difference per pair
     */
    public static OptionalDouble rankBiserial(double[] differences) {
        double[] changes = Arrays.stream(differences).filter(d -> d != 0).toArray();
        if (changes.length == 0) {
            return OptionalDouble.empty();
        }
        double[] sizes = Arrays.stream(changes).map(Math::abs).sorted().toArray();
        double balance = 0;
        for (double change : changes) {
            balance += Math.signum(change) * meanRank(sizes, Math.abs(change));
        }
        return OptionalDouble.of(balance / (sizes.length * (sizes.length + 1) / 2.0));
    }

    private static double meanRank(double[] sorted, double value) {
        int first = firstAtLeast(sorted, value);
        int afterLast = firstAtLeast(sorted, Math.nextUp(value));
        return (first + 1 + afterLast) / 2.0;
    }

    private static int firstAtLeast(double[] sorted, double value) {
        int low = 0;
        int high = sorted.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sorted[middle] < value) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /**
     * How many probes a paired t-test needs to see an effect of this size, by the usual normal approximation with its
     * correction for small numbers (W. C. Guenther, 1981).
     *
     * @param d Cohen's d for pairs
     * @param alpha the two-sided threshold, such as 0.05
     * @param power the share of repetitions in which the difference must be seen, such as 0.8
     * @return empty if the effect is zero, or so small that no file could hold the probes
     */
    public static OptionalInt probesNeeded(double d, double alpha, double power) {
        NormalDistribution normal = NormalDistribution.of(0, 1);
        double threshold = normal.inverseSurvivalProbability(alpha / 2);
        double reach = threshold + normal.inverseCumulativeProbability(power);
        double needed = Math.ceil(reach * reach / (d * d) + threshold * threshold / 2);
        return needed <= Integer.MAX_VALUE ? OptionalInt.of((int) needed) : OptionalInt.empty();
    }
}
