package io.lethean.lem.evaluation.stats;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What changed from one condition to another on the same probes.
 *
 * @param differences second minus first, by probe, for every probe that both have a score for
 * @param onlyFirst probes that only the first has a score for; they enter nothing below
 * @param onlySecond likewise for the second
 * @param mean of the differences; empty without differences
 * @param interval bootstrap interval of that mean; empty for fewer than two pairs
 * @param improved pairs that rose by more than 0.5, as the published tables count
 * @param regressed pairs that fell by more than 0.5
 * @param unchanged the other pairs
 * @param rose pairs that rose at all; with {@code fell} the basis of the test
 * @param fell pairs that fell at all
 * @param pValue exact two-sided sign test, on verdicts McNemar's
 * @param cohensD the effect for pairs
 * @param rankBiserial the effect by ranks
 * @param probesNeeded for a difference of this size to be seen in 4 of 5 repetitions at the 5 % threshold
 */
public record PairedComparison(
        Map<String, Double> differences,
        int onlyFirst,
        int onlySecond,
        OptionalDouble mean,
        Optional<Interval> interval,
        int improved,
        int regressed,
        int unchanged,
        int rose,
        int fell,
        double pValue,
        OptionalDouble cohensD,
        OptionalDouble rankBiserial,
        OptionalInt probesNeeded) {

    /** The published dead band around no change. */
    public static final double DEAD_BAND = 0.5;

    private static final double ALPHA = 0.05;
    private static final double POWER = 0.8;

    /** Copies the map, so that later changes of it do not count. */
    public PairedComparison {
        differences = Collections.unmodifiableMap(new LinkedHashMap<>(differences));
    }

    /**
     * Compares two conditions.
     *
     * @param first the condition that is compared with
     * @param second the condition that is compared
     * @param bootstrap how intervals are computed
     * @return the means, their difference and its interval
     */
    public static PairedComparison of(ProbeScores first, ProbeScores second, Bootstrap bootstrap) {
        Map<String, Double> before = first.means();
        Map<String, Double> after = second.means();
        Map<String, Double> differences = new LinkedHashMap<>();
        before.forEach((probe, score) -> {
            if (after.containsKey(probe)) {
                differences.put(probe, after.get(probe) - score);
            }
        });
        return of(differences, before.size() - differences.size(), after.size() - differences.size(), bootstrap);
    }

    private static PairedComparison of(
            Map<String, Double> differences, int onlyFirst, int onlySecond, Bootstrap bootstrap) {
        double[] values =
                differences.values().stream().mapToDouble(Double::doubleValue).toArray();
        int improved = count(values, DEAD_BAND, 1);
        int regressed = count(values, DEAD_BAND, -1);
        int rose = count(values, 0, 1);
        int fell = count(values, 0, -1);
        OptionalDouble d = EffectSize.cohensD(values);
        return new PairedComparison(
                differences,
                onlyFirst,
                onlySecond,
                values.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(Moments.mean(values)),
                bootstrap.mean(values),
                improved,
                regressed,
                values.length - improved - regressed,
                rose,
                fell,
                ExactTest.sign(rose, fell),
                d,
                EffectSize.rankBiserial(values),
                d.isPresent() ? EffectSize.probesNeeded(d.getAsDouble(), ALPHA, POWER) : OptionalInt.empty());
    }

    private static int count(double[] values, double beyond, int sign) {
        return (int)
                Arrays.stream(values).filter(value -> sign * value > beyond).count();
    }

    /** {@return true if the interval leaves out zero; false where there is no interval} */
    public boolean isDistinct() {
        return interval.map(i -> !i.contains(0)).orElse(false);
    }
}
