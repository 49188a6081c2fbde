package io.lethean.lem.evaluation.report;

import io.lethean.lem.evaluation.score.AnswerFlag;
import io.lethean.lem.evaluation.stats.Bootstrap;
import io.lethean.lem.evaluation.stats.ConditionMean;
import io.lethean.lem.evaluation.stats.Holm;
import io.lethean.lem.evaluation.stats.PairedComparison;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Computes the statistics of a run, each condition against the first one, which is the baseline. */
final class RunStatistics {

    private RunStatistics() {}

    static List<ConditionStatistics> of(ResultFile run, Bootstrap bootstrap) {
        List<String> names = run.conditions();
        List<Optional<PairedComparison>> differences =
                names.stream().map(name -> difference(run, name, bootstrap)).toList();
        double[] corrected = Holm.adjust(differences.stream()
                .flatMap(Optional::stream)
                .mapToDouble(PairedComparison::pValue)
                .toArray());
        List<ConditionStatistics> statistics = new ArrayList<>();
        int compared = 0;
        for (int i = 0; i < names.size(); i++) {
            double p = differences.get(i).isPresent() ? corrected[compared++] : 1;
            statistics.add(statistics(run, names.get(i), differences.get(i), p, bootstrap));
        }
        return statistics;
    }

    private static Optional<PairedComparison> difference(ResultFile run, String name, Bootstrap bootstrap) {
        String baseline = run.baseline();
        return name.equals(baseline)
                ? Optional.empty()
                : Optional.of(PairedComparison.of(run.scores(baseline), run.scores(name), bootstrap));
    }

    private static ConditionStatistics statistics(
            ResultFile run, String name, Optional<PairedComparison> difference, double p, Bootstrap bootstrap) {
        String baseline = run.baseline();
        Map<AnswerFlag, Integer> flags = new EnumMap<>(AnswerFlag.class);
        List<ScoredAnswer> answers = run.probes().stream()
                .flatMap(probe -> probe.answers(name).stream())
                .toList();
        answers.forEach(answer -> answer.flags().forEach(flag -> flags.merge(flag, 1, Integer::sum)));
        return new ConditionStatistics(
                name,
                answers.size(),
                ConditionMean.of(run.scores(name), bootstrap),
                ConditionMean.of(run.unflaggedScores(name), bootstrap),
                flags,
                difference,
                difference.map(
                        d -> PairedComparison.of(run.unflaggedScores(baseline), run.unflaggedScores(name), bootstrap)),
                p);
    }
}
