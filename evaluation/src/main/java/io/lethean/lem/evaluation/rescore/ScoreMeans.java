package io.lethean.lem.evaluation.rescore;

import io.lethean.lem.evaluation.score.Score;
import io.lethean.lem.evaluation.stats.Bootstrap;
import io.lethean.lem.evaluation.stats.ConditionMean;
import io.lethean.lem.evaluation.stats.Interval;
import io.lethean.lem.evaluation.stats.IntervalMethod;
import io.lethean.lem.evaluation.stats.ProbeScores;
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
    private int answers;
    private int unscored;

    /** Nothing measured yet. */
    public ScoreMeans() {}

    /**
     * Adds the score of one answer: its value and every number or truth among its details.
     *
     * @param id the id of what was answered
     * @param score its score
     */
    public void add(String id, Score score) {
        if (score.value().isEmpty() || !ProbeScores.isUsable(score.value().getAsDouble())) {
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

    /**
     * Adds what was measured of one answer; values that are not a finite number or a truth are skipped.
     *
     * @param id the id of what was answered
     * @param values what was measured, by the names of the metrics
     */
    public void add(String id, Map<String, ? extends @Nullable Object> values) {
        answers++;
        values.forEach((metric, value) -> {
            if (value instanceof Boolean verdict) {
                metrics.computeIfAbsent(metric, name -> new ProbeScores()).addVerdict(id, verdict);
            } else if (value instanceof Number number && ProbeScores.isUsable(number.doubleValue())) {
                metrics.computeIfAbsent(metric, name -> new ProbeScores())
                        .add(id, OptionalDouble.of(number.doubleValue()));
            }
        });
    }

    /** Counts an answer that has no score. */
    public void addUnscored() {
        answers++;
        unscored++;
    }

    /** {@return answers that were added, unscored ones included} */
    public int answers() {
        return answers;
    }

    /** {@return answers without a score} */
    public int unscored() {
        return unscored;
    }

    /** {@return the mean of a metric, in the order in which metrics came up} */
    public Map<String, Mean> means() {
        Map<String, Mean> means = new LinkedHashMap<>();
        metrics.forEach((metric, scores) -> means.put(metric, mean(scores)));
        return means;
    }

    /**
     * A mean.
     *
     * @param n questions that it is over
     * @param value the mean
     * @param interval its 95 % interval; empty for one value that is not yes or no
     * @param method of the interval
     */
    public record Mean(int n, double value, Optional<Interval> interval, IntervalMethod method) {}

    private static Mean mean(ProbeScores scores) {
        ConditionMean mean = ConditionMean.of(scores, Bootstrap.defaults());
        return new Mean(mean.probes(), mean.mean().orElseThrow(), mean.interval(), mean.method());
    }

    /**
     * {@return the means as fields of a JSON object: by metric, {@code n}, {@code mean}, {@code low} and {@code high}}
     */
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
                    Locale.ROOT, "%-" + width + "s  %6s  %9s  %s", "metric", "n", "mean", "95 % interval     method"));
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
                .map(interval -> String.format(
                        Locale.ROOT,
                        "%.4f .. %.4f  %s",
                        interval.low(),
                        interval.high(),
                        mean.method().label()))
                .orElse("-");
    }
}
