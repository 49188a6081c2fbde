package io.lethean.lem.evaluation.report;

import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.score.AnswerFlag;
import io.lethean.lem.evaluation.stats.PairedComparison;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The result of a run in a few lines: who answered how much, the mean scores, and which way they differ.
 *
 * @param conditions the statistics, the baseline first where there is one
 */
record RunHeadline(ResultFile run, List<ConditionStatistics> conditions) {

    String text() {
        List<String> lines = new ArrayList<>(List.of(who()));
        Optional<ConditionStatistics> baseline = conditions.stream()
                .filter(condition -> condition.name().equals(run.baseline()))
                .findFirst();
        for (ConditionStatistics condition : conditions) {
            if (condition.difference().isPresent() && baseline.isPresent()) {
                lines.add(compared(baseline.get(), condition));
            } else if (conditions.size() == 1) {
                lines.add(String.format(
                        Locale.ROOT,
                        "Mean score (%s) %s, 95 %% interval %s. Nothing is compared, because there is one condition.",
                        run.scorer(),
                        Numbers.two(condition.mean().mean()),
                        Numbers.interval(condition.mean().interval())));
            }
        }
        cut().ifPresent(lines::add);
        return String.join("\n", lines) + "\n";
    }

    private String who() {
        String others = conditions.stream()
                .map(ConditionStatistics::name)
                .filter(name -> !name.equals(run.baseline()))
                .collect(Collectors.joining(", "));
        String without = called(run.baseline());
        return String.format(
                Locale.ROOT,
                "%s answered %d probes %s%s.",
                run.model(),
                run.probes().size(),
                without,
                others.isEmpty() ? "" : " and with " + others);
    }

    private static String called(String condition) {
        return condition.equals(Kernel.BASELINE) ? "without a kernel" : "with " + condition;
    }

    private String compared(ConditionStatistics baseline, ConditionStatistics other) {
        PairedComparison difference = other.difference().orElseThrow();
        return String.format(
                Locale.ROOT,
                "Mean score (%s) %s: %s, with %s: %s. Difference %s, 95 %% interval %s: %s.",
                run.scorer(),
                called(baseline.name()),
                Numbers.two(baseline.mean().mean()),
                other.name(),
                Numbers.two(other.mean().mean()),
                Numbers.signed(difference.mean()),
                Numbers.interval(difference.interval()),
                way(other.name(), difference));
    }

    private static String way(String name, PairedComparison difference) {
        if (difference.interval().isEmpty()) {
            return "too few probes to compare";
        }
        String counts = String.format(
                Locale.ROOT,
                " (%d probes higher, %d lower, %d equal)",
                difference.rose(),
                difference.fell(),
                difference.differences().size() - difference.rose() - difference.fell());
        if (!difference.isDistinct()) {
            return "NO DIFFERENCE is shown, because the interval contains 0" + counts;
        }
        return "answers score " + (difference.mean().orElseThrow() > 0 ? "HIGHER" : "LOWER") + " with " + name + counts;
    }

    private Optional<String> cut() {
        int answers = conditions.stream().mapToInt(ConditionStatistics::answers).sum();
        int cut = conditions.stream()
                .mapToInt(condition -> condition.flags().getOrDefault(AnswerFlag.TRUNCATED, 0))
                .sum();
        return cut == 0
                ? Optional.empty()
                : Optional.of(
                        String.format(Locale.ROOT, "%d of %d answers were cut at the limit of tokens.", cut, answers));
    }
}
