package io.lethean.lem.evaluation.report;

import io.lethean.lem.evaluation.stats.Bootstrap;
import io.lethean.lem.evaluation.stats.ConditionMean;
import io.lethean.lem.evaluation.stats.IntervalMethod;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Says what the columns of the statistics mean, their units, and the method of the intervals. */
final class Legend {

    private static final List<String> HEADINGS = List.of("statistic", "meaning");
    private static final String INTERVAL = "95 % interval";

    private static final Map<String, String> MEANINGS = new LinkedHashMap<>();

    static {
        MEANINGS.put("answers", "number of recorded answers");
        MEANINGS.put("unscored", "number of answers without a score; they are in no mean");
        MEANINGS.put("probes", "number of probes with a score on both sides");
        MEANINGS.put("mean", "mean score over the probes, in points; several answers to a probe count once");
        MEANINGS.put("first", "mean score of the first file over all its probes, in points");
        MEANINGS.put("second", "mean score of the second file over all its probes, in points");
        MEANINGS.put("mean, unflagged", "the mean over the answers without a flag, in points");
        MEANINGS.put("vs baseline", "mean of the differences from the baseline, probe by probe, in points");
        MEANINGS.put("difference", "mean of the differences, probe by probe, in points");
        MEANINGS.put(INTERVAL, "");
        MEANINGS.put("unflagged", "the difference over the answers without a flag on both sides, in points");
        MEANINGS.put("+ / - / =", "number of probes that rose by more than 0.5 points, fell by more than 0.5, others");
        MEANINGS.put("sign test", "exact two-sided p-value of the sign test");
        MEANINGS.put("Holm", "the p-value, corrected for the number of comparisons in the table");
        MEANINGS.put("d", "Cohen's d: mean of the differences in units of their standard deviation");
        MEANINGS.put("rank r", "matched-pairs rank-biserial correlation, from -1 to 1");
        MEANINGS.put("probes needed", "number of probes to see such a difference in 4 of 5 repetitions at p 0.05");
        MEANINGS.put("flags", "number of answers with each fault of the engine or the settings");
    }

    private Legend() {}

    /**
     * A row for each statistic of some tables.
     *
     * @param means with an interval in these tables
     */
    static Table of(Bootstrap bootstrap, Collection<ConditionMean> means, Table... tables) {
        Set<String> used = new LinkedHashSet<>();
        for (Table table : tables) {
            used.addAll(table.headings());
        }
        List<List<String>> rows = new ArrayList<>();
        MEANINGS.forEach((heading, meaning) -> {
            if (used.contains(heading)) {
                rows.add(List.of(heading, heading.equals(INTERVAL) ? interval(bootstrap, means) : meaning));
            }
        });
        return new Table(HEADINGS, rows);
    }

    private static String interval(Bootstrap bootstrap, Collection<ConditionMean> means) {
        String wilson = hasWilson(means) ? "; of means of right and wrong: Wilson's score interval" : "";
        return String.format(
                Locale.ROOT, "confidence interval of the value before it, by %s%s", method(bootstrap), wilson);
    }

    /** The method of the intervals, as a subtitle says it. */
    static String intervals(Bootstrap bootstrap, Collection<ConditionMean> means) {
        String wilson = hasWilson(means) ? "; of means of right and wrong: Wilson's" : "";
        return String.format(
                Locale.ROOT,
                "Intervals: %s %% %s%s.",
                Numbers.plain(bootstrap.level() * 100),
                method(bootstrap),
                wilson);
    }

    private static String method(Bootstrap bootstrap) {
        return String.format(
                Locale.ROOT,
                "bootstrap, %s resamples, seed %s",
                Numbers.grouped(bootstrap.resamples()),
                bootstrap.seed());
    }

    private static boolean hasWilson(Collection<ConditionMean> means) {
        return means.stream().anyMatch(mean -> mean.method() == IntervalMethod.WILSON);
    }
}
