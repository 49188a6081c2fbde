package io.lethean.lem.evaluation.curriculum;

import io.lethean.lem.evaluation.ab.ScoredProbe;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.stats.ProbeScores;
import java.util.List;
import java.util.OptionalDouble;

/**
 * The scores of one adapter.
 *
 * @param scores by probe
 */
record ProbeAnswers(ProbeScores scores) {

    static ProbeAnswers of(List<ScoredProbe> probes) {
        ProbeScores scores = new ProbeScores();
        for (int i = 0; i < probes.size(); i++) {
            ScoredProbe probe = probes.get(i);
            Double score = probe.scores().get(Kernel.BASELINE);
            scores.add(
                    probe.id().isEmpty() ? "probe " + (i + 1) : probe.id(),
                    score == null ? OptionalDouble.empty() : OptionalDouble.of(score));
        }
        return new ProbeAnswers(scores);
    }

    double mean() {
        return scores.means().values().stream()
                .mapToDouble(Double::doubleValue)
                .average()
                .orElse(Double.NaN);
    }
}
