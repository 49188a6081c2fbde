package io.lethean.lem.evaluation.stats;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The mean of one condition.
 *
 * @param probes probes with a score
 * @param unscored answers without a score
 * @param mean over the probes; empty if no probe has a score
 * @param deviation standard deviation between the probes; empty for fewer than two
 * @param interval of the mean: Wilson's if all scores are verdicts of right and wrong, one for each probe, otherwise by
 *     bootstrap, which is empty for fewer than two probes
 * @param method of the interval
 */
public record ConditionMean(
        int probes,
        int unscored,
        OptionalDouble mean,
        OptionalDouble deviation,
        Optional<Interval> interval,
        IntervalMethod method) {

    /**
     * {@return the mean of some scores}
     *
     * @param scores the scores by probe
     * @param bootstrap how intervals are computed
     */
    public static ConditionMean of(ProbeScores scores, Bootstrap bootstrap) {
        double[] values = scores.values();
        boolean share = values.length > 0 && scores.isOneVerdictEach();
        return new ConditionMean(
                values.length,
                scores.unscored(),
                values.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(Moments.mean(values)),
                values.length < 2 ? OptionalDouble.empty() : OptionalDouble.of(Moments.deviation(values)),
                share ? Optional.of(share(values).interval(bootstrap.level())) : bootstrap.mean(values),
                share ? IntervalMethod.WILSON : IntervalMethod.BOOTSTRAP);
    }

    private static Proportion share(double[] verdicts) {
        int right = 0;
        for (double verdict : verdicts) {
            right += verdict == 1 ? 1 : 0;
        }
        return new Proportion(right, verdicts.length);
    }
}
