package io.lethean.lem.evaluation.curriculum;

import io.lethean.lem.evaluation.stats.Interval;
import io.lethean.lem.evaluation.stats.PairedComparison;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A phase that was trained.
 *
 * @param phase what was trained
 * @param adapter the kept adapter
 * @param iterations that were trained
 * @param startLoss validation loss before the first iteration; NaN without validation data
 * @param loss validation loss of the kept adapter; with {@link Keep#BEST_SCORE} that of the last validation; NaN without
 *     validation data
 * @param scores of the kept adapter; empty if no gate needs them
 */
public record PhaseResult(
        Phase phase, Path adapter, int iterations, double startLoss, double loss, Optional<PhaseScores> scores) {

    /** {@return the sentence about the first gate that it does not pass; empty if it passes all} */
    public Optional<String> failure() {
        return new GateCheck(this).failure();
    }

    /** As members of a JSON object. */
    Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", phase.name());
        fields.put("adapter", String.valueOf(adapter.getFileName()));
        fields.put("iterations", (long) iterations);
        putNumber(fields, "start_loss", startLoss);
        putNumber(fields, "val_loss", loss);
        scores.ifPresent(found -> {
            putNumber(fields, "score", found.mean());
            putNumber(fields, "worst_score", found.worst());
            fields.put("worst_probe", found.worstProbe());
            fields.put("unscored", (long) found.unscored());
            found.difference().ifPresent(difference -> putDifference(fields, difference));
        });
        fields.put("passed", failure().isEmpty());
        failure().ifPresent(sentence -> fields.put("failure", sentence));
        return fields;
    }

    private static void putDifference(Map<String, Object> fields, PairedComparison difference) {
        difference.mean().ifPresent(mean -> fields.put("score_difference", mean));
        difference.interval().map(PhaseResult::ends).ifPresent(ends -> fields.put("score_difference_interval", ends));
    }

    private static List<Double> ends(Interval interval) {
        return List.of(interval.low(), interval.high());
    }

    private static void putNumber(Map<String, Object> fields, String name, double value) {
        if (Double.isFinite(value)) {
            fields.put(name, value);
        }
    }
}
