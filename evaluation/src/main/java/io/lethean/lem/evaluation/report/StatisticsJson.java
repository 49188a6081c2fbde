package io.lethean.lem.evaluation.report;

import io.lethean.lem.evaluation.score.AnswerFlag;
import io.lethean.lem.evaluation.stats.Bootstrap;
import io.lethean.lem.evaluation.stats.ConditionMean;
import io.lethean.lem.evaluation.stats.Interval;
import io.lethean.lem.evaluation.stats.PairedComparison;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Statistics as JSON values; what is not there is null. */
final class StatisticsJson {

    private StatisticsJson() {}

    static Map<String, @Nullable Object> of(ConditionStatistics condition) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("name", condition.name());
        json.put("answers", (long) condition.answers());
        json.put("all", of(condition.mean()));
        json.put("unflagged", of(condition.unflaggedMean()));
        json.put("flags", of(condition.flags()));
        json.put("vs_baseline", condition.difference().map(StatisticsJson::of).orElse(null));
        json.put(
                "vs_baseline_unflagged",
                condition.unflaggedDifference().map(StatisticsJson::of).orElse(null));
        json.put("p_holm", condition.difference().isPresent() ? (Double) condition.correctedP() : null);
        return json;
    }

    static Map<String, Object> of(Map<AnswerFlag, Integer> flags) {
        Map<String, Object> json = new LinkedHashMap<>();
        flags.forEach((flag, count) -> json.put(flag.label(), (long) count));
        return json;
    }

    static Map<String, @Nullable Object> of(Bootstrap bootstrap) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("resamples", (long) bootstrap.resamples());
        json.put("level", bootstrap.level());
        json.put("seed", bootstrap.seed());
        return json;
    }

    /** Where a result came from. */
    static Map<String, @Nullable Object> of(ResultFile file) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("file", file.name());
        json.put("model", file.model());
        json.put("scorer", file.scorer());
        json.put("problems", file.remarks());
        return json;
    }

    static Map<String, @Nullable Object> of(ConditionMean mean) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("probes", (long) mean.probes());
        json.put("unscored", (long) mean.unscored());
        json.put("mean", orNull(mean.mean()));
        json.put("deviation", orNull(mean.deviation()));
        json.put("interval", ends(mean.interval()));
        json.put("interval_method", mean.method().label());
        return json;
    }

    static Map<String, @Nullable Object> of(PairedComparison difference) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("probes", (long) difference.differences().size());
        json.put("mean", orNull(difference.mean()));
        json.put("interval", ends(difference.interval()));
        json.put("improved", (long) difference.improved());
        json.put("regressed", (long) difference.regressed());
        json.put("unchanged", (long) difference.unchanged());
        json.put("rose", (long) difference.rose());
        json.put("fell", (long) difference.fell());
        json.put("p_sign", difference.pValue());
        json.put("cohens_d", orNull(difference.cohensD()));
        json.put("rank_biserial", orNull(difference.rankBiserial()));
        json.put("probes_needed", orNull(difference.probesNeeded()));
        return json;
    }

    private static @Nullable Object ends(Optional<Interval> interval) {
        return interval.map(i -> List.of(i.low(), i.high())).orElse(null);
    }

    static @Nullable Object orNull(OptionalDouble value) {
        return value.isPresent() ? value.getAsDouble() : null;
    }

    private static @Nullable Object orNull(OptionalInt value) {
        return value.isPresent() ? (long) value.getAsInt() : null;
    }
}
