package io.lethean.lem.evaluation.stats;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The mean of one condition.
 *
 * @param probes probes with a score
 * @param unscored answers without a score
 * @param mean over the probes; empty without probes
 * @param deviation standard deviation between the probes; empty for fewer than two
 * @param interval bootstrap interval of the mean; empty for fewer than two
 */
public record ConditionMean(
        int probes, int unscored, OptionalDouble mean, OptionalDouble deviation, Optional<Interval> interval) {

    /** The mean of some scores. */
    public static ConditionMean of(ProbeScores scores, Bootstrap bootstrap) {
        double[] values = scores.values();
        return new ConditionMean(
                values.length,
                scores.unscored(),
                values.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(Moments.mean(values)),
                values.length < 2 ? OptionalDouble.empty() : OptionalDouble.of(Moments.deviation(values)),
                bootstrap.mean(values));
    }
}
