package io.lethean.lem.evaluation.curriculum;

import io.lethean.lem.evaluation.stats.Interval;
import io.lethean.lem.evaluation.stats.PairedComparison;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Compares a phase with its gates.
 *
 * @param result of the phase
 */
record GateCheck(PhaseResult result) {

    Optional<String> failure() {
        Gates gates = result.phase().gates();
        return atMost("the validation loss is", result.loss(), gates.lossAtMost())
                .or(() -> atMost(
                        String.format(
                                Locale.ROOT,
                                "the validation loss went from %.4f to %.4f, and the second divided by the first is",
                                result.startLoss(),
                                result.loss()),
                        result.loss() / result.startLoss(),
                        gates.lossAtMostOfStart()))
                .or(() -> result.scores().flatMap(scores -> ofScores(scores, gates)));
    }

    private Optional<String> ofScores(PhaseScores scores, Gates gates) {
        return atLeast("the mean score is", scores.mean(), gates.scoreAtLeast())
                .or(() -> atLeast(
                        "the worst score, of " + scores.worstProbe() + ", is", scores.worst(), gates.worstAtLeast()))
                .or(() -> scores.difference().flatMap(found -> ofDifference(found, gates.differenceAtLeast())));
    }

    private Optional<String> ofDifference(PairedComparison found, OptionalDouble least) {
        double low = found.interval().map(Interval::low).orElse(found.mean().orElse(Double.NaN));
        String mean = String.format(
                Locale.ROOT,
                "the scores of %d probes differ from those of the phase before by %.2f in the mean, and the lower end"
                        + " of the 95 %% interval is",
                found.differences().size(),
                found.mean().orElse(Double.NaN));
        return atLeast(mean, low, least);
    }

    private Optional<String> atMost(String what, double value, OptionalDouble most) {
        return most.isEmpty() || value <= most.getAsDouble()
                ? Optional.empty()
                : Optional.of(sentence(what, value, "at most", most.getAsDouble()));
    }

    private Optional<String> atLeast(String what, double value, OptionalDouble least) {
        return least.isEmpty() || value >= least.getAsDouble()
                ? Optional.empty()
                : Optional.of(sentence(what, value, "at least", least.getAsDouble()));
    }

    private String sentence(String what, double value, String relation, double gate) {
        return String.format(
                        Locale.ROOT,
                        "The phase %s does not pass its gate: %s %.4f, and %s %s is wanted.",
                        result.phase().name(),
                        what,
                        value,
                        relation,
                        gate)
                + " Everything that was trained is kept. Change the gate and resume, or change the phase's data or"
                + " options, delete its folder, and resume.";
    }
}
