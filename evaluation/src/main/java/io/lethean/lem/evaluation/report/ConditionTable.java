package io.lethean.lem.evaluation.report;

import io.lethean.lem.evaluation.score.AnswerFlag;
import io.lethean.lem.evaluation.stats.PairedComparison;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/** The statistics of a run as a table, one row per condition. */
final class ConditionTable {

    private static final List<String> HEADINGS = List.of(
            "condition",
            "answers",
            "unscored",
            "mean",
            "95 % interval",
            "mean, unflagged",
            "vs baseline",
            "95 % interval",
            "unflagged",
            "+ / - / =",
            "sign test",
            "Holm",
            "d",
            "rank r",
            "probes needed",
            "flags");

    private ConditionTable() {}

    static Table of(List<ConditionStatistics> conditions) {
        return new Table(HEADINGS, conditions.stream().map(ConditionTable::row).toList());
    }

    private static List<String> row(ConditionStatistics c) {
        return List.of(
                c.name(),
                Integer.toString(c.answers()),
                Integer.toString(c.mean().unscored()),
                Numbers.two(c.mean().mean()),
                Numbers.interval(c.mean().interval()),
                Numbers.two(c.unflaggedMean().mean()),
                c.difference().map(d -> Numbers.signed(d.mean())).orElse(Numbers.NONE),
                c.difference().map(d -> Numbers.interval(d.interval())).orElse(Numbers.NONE),
                c.unflaggedDifference().map(d -> Numbers.signed(d.mean())).orElse(Numbers.NONE),
                c.difference().map(ConditionTable::counts).orElse(Numbers.NONE),
                c.difference().map(d -> Numbers.p(d.pValue())).orElse(Numbers.NONE),
                c.difference().map(d -> Numbers.p(c.correctedP())).orElse(Numbers.NONE),
                c.difference().map(d -> Numbers.signed(d.cohensD())).orElse(Numbers.NONE),
                c.difference().map(d -> Numbers.signed(d.rankBiserial())).orElse(Numbers.NONE),
                c.difference().map(d -> whole(d.probesNeeded())).orElse(Numbers.NONE),
                flags(c.flags()));
    }

    static String counts(PairedComparison d) {
        return d.improved() + " / " + d.regressed() + " / " + d.unchanged();
    }

    static String whole(OptionalInt value) {
        return value.isPresent() ? Integer.toString(value.getAsInt()) : Numbers.NONE;
    }

    static String flags(Map<AnswerFlag, Integer> flags) {
        return flags.isEmpty()
                ? Numbers.NONE
                : flags.entrySet().stream()
                        .map(entry -> entry.getKey().label() + " " + entry.getValue())
                        .collect(Collectors.joining(", "));
    }

    /** What a difference says, in words. */
    static String verdict(ConditionStatistics c) {
        return c.difference().map(d -> verdict(c.name(), d)).orElse("");
    }

    static String verdict(String name, PairedComparison d) {
        if (d.interval().isEmpty()) {
            return name + ": too few probes in common to compare.";
        }
        String difference = Numbers.signed(d.mean()) + " " + Numbers.interval(d.interval());
        if (d.isDistinct()) {
            return String.format(
                    Locale.ROOT,
                    "%s: a difference of %s over %d probes.",
                    name,
                    difference,
                    d.differences().size());
        }
        String needed = d.probesNeeded().isPresent()
                ? "; one of this size would take " + d.probesNeeded().getAsInt() + " probes to see"
                : "";
        return String.format(
                Locale.ROOT,
                "%s: no difference seen, %s over %d probes%s.",
                name,
                difference,
                d.differences().size(),
                needed);
    }
}
