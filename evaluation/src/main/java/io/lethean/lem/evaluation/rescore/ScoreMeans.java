package io.lethean.lem.evaluation.rescore;

import io.lethean.lem.evaluation.score.Score;
import io.lethean.lem.evaluation.stats.Bootstrap;
import io.lethean.lem.evaluation.stats.ConditionMean;
import io.lethean.lem.evaluation.stats.Interval;
import io.lethean.lem.evaluation.stats.ProbeScores;
import io.lethean.lem.evaluation.stats.Proportion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The means of what was measured, each with its 95 % interval: a bootstrap interval, or Wilson's where every value is
 * yes or no.
 *
 * <p>Unscored answers enter no mean and are counted. Not safe for use by several threads.
 */
public final class ScoreMeans {

    private static final Set<String> SAME_AS_THE_VALUE = Set.of("lek_score", "correct", "passed", "composite");
    private static final double LEVEL = Bootstrap.defaults().level();

    private final Map<String, ProbeScores> metrics = new LinkedHashMap<>();
    private final Map<String, Boolean> binary = new LinkedHashMap<>();
    private int answers;
    private int unscored;

    /** Nothing measured yet. */
    public ScoreMeans() {}

    /** Adds the score of one answer: its value and every number or truth among its details. */
    public void add(String id, Score score) {
        if (score.value().isEmpty()) {
            addUnscored();
            return;
        }
        Map<String, Object> values = new LinkedHashMap<>();
        if (score.details().keySet().stream().noneMatch(SAME_AS_THE_VALUE::contains)) {
            values.put("score", score.value().getAsDouble());
        }
        values.putAll(score.details());
        add(id, values);
    }

    /** Adds what was measured of one answer; what is neither a number nor a truth is passed over. */
    public void add(String id, Map<String, ? extends @Nullable Object> values) {
        answers++;
        values.forEach((metric, value) -> {
            if (value instanceof Number || value instanceof Boolean) {
                double number = value instanceof Number n ? n.doubleValue() : Boolean.TRUE.equals(value) ? 1 : 0;
                metrics.computeIfAbsent(metric, name -> new ProbeScores()).add(id, OptionalDouble.of(number));
                binary.merge(metric, value instanceof Boolean, Boolean::logicalAnd);
            }
        });
    }

    /** Counts an answer that has no score. */
    public void addUnscored() {
        answers++;
        unscored++;
    }

    /** Answers that were added, unscored ones included. */
    public int answers() {
        return answers;
    }

    /** Answers without a score. */
    public int unscored() {
        return unscored;
    }

    /** The mean of a metric, in the order in which metrics came up. */
    public Map<String, Mean> means() {
        Map<String, Mean> means = new LinkedHashMap<>();
        metrics.forEach((metric, scores) -> means.put(metric, mean(scores, Boolean.TRUE.equals(binary.get(metric)))));
        return means;
    }

    /**
     * A mean.
     *
     * @param n questions that it is over
     * @param value the mean
     * @param interval its 95 % interval; empty for one value that is not yes or no
     */
    public record Mean(int n, double value, Optional<Interval> interval) {}

    private static Mean mean(ProbeScores scores, boolean binary) {
        ConditionMean mean = ConditionMean.of(scores, Bootstrap.defaults());
        int n = mean.probes();
        double value = mean.mean().orElseThrow();
        long successes = Math.round(value * n);
        boolean whole = Math.abs(value * n - successes) < 1e-9;
        return new Mean(
                n,
                value,
                binary && whole ? Optional.of(new Proportion((int) successes, n).interval(LEVEL)) : mean.interval());
    }

    /** The means as fields of a JSON object: by metric, {@code n}, {@code mean}, {@code low} and {@code high}. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("answers", (long) answers);
        fields.put("unscored", (long) unscored);
        fields.put("level", LEVEL);
        Map<String, Object> byMetric = new LinkedHashMap<>();
        means().forEach((metric, mean) -> byMetric.put(metric, fields(mean)));
        fields.put("metrics", byMetric);
        return fields;
    }

    private static Map<String, @Nullable Object> fields(Mean mean) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("n", (long) mean.n());
        fields.put("mean", mean.value());
        fields.put("low", mean.interval().map(Interval::low).orElse(null));
        fields.put("high", mean.interval().map(Interval::high).orElse(null));
        return fields;
    }

    /**
     * The means as text: one line per metric, each with a line feed at its end; a sentence if no answer has a score.
     */
    @Override
    public String toString() {
        List<String> lines = new ArrayList<>();
        if (metrics.isEmpty()) {
            lines.add(String.format(Locale.ROOT, "%d answers, all without a score", answers));
        } else {
            int width = metrics.keySet().stream().mapToInt(String::length).max().orElseThrow();
            lines.add(String.format(
                    Locale.ROOT, "%-" + width + "s  %6s  %9s  %s", "metric", "n", "mean", "95 % interval"));
            means().forEach((metric, mean) -> lines.add(String.format(
                    Locale.ROOT, "%-" + width + "s  %6d  %9.4f  %s", metric, mean.n(), mean.value(), text(mean))));
            if (unscored > 0) {
                lines.add(String.format(Locale.ROOT, "%d of %d answers unscored, in no mean", unscored, answers));
            }
        }
        return String.join("\n", lines) + "\n";
    }

    private static String text(Mean mean) {
        return mean.interval()
                .map(interval -> String.format(Locale.ROOT, "%.4f .. %.4f", interval.low(), interval.high()))
                .orElse("-");
    }
}
