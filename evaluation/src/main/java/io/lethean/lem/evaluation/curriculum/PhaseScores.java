package io.lethean.lem.evaluation.curriculum;

import io.lethean.lem.evaluation.stats.PairedComparison;
import java.util.Map;
import java.util.Optional;

/**
 * The scores of a phase's adapter.
 *
 * @param mean over the scored probes; NaN if no answer was scored
 * @param worst the lowest score; NaN if no answer was scored
 * @param worstProbe which probe has it; empty if no answer was scored
 * @param unscored answers without a score
 * @param difference to the phase before, probe by probe; empty if that was not scored
 */
public record PhaseScores(
        double mean, double worst, String worstProbe, int unscored, Optional<PairedComparison> difference) {

    static PhaseScores of(ProbeAnswers answers, Optional<PairedComparison> difference) {
        double worst = Double.NaN;
        String worstProbe = "";
        for (Map.Entry<String, Double> probe : answers.scores().means().entrySet()) {
            if (!(probe.getValue() >= worst)) {
                worst = probe.getValue();
                worstProbe = probe.getKey();
            }
        }
        return new PhaseScores(
                answers.mean(), worst, worstProbe, answers.scores().unscored(), difference);
    }
}
