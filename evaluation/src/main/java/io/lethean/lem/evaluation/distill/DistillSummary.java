package io.lethean.lem.evaluation.distill;

import io.lethean.lem.internal.io.PythonRounding;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * What a distillation came to.
 *
 * @param probes probes that were asked
 * @param samplesPerProbe answers to each
 * @param generated answers in all
 * @param kept answers that became examples
 * @param probesKept probes with at least one example
 * @param averageKeptScore mean score of the kept answers, rounded to two decimals; empty if no answer was kept
 * @param seconds during which at least one answer was generated
 */
public record DistillSummary(
        int probes,
        int samplesPerProbe,
        int generated,
        int kept,
        int probesKept,
        OptionalDouble averageKeptScore,
        double seconds) {

    /** {@return the share of kept answers in percent, with one decimal} */
    public double keepRate() {
        return PythonRounding.round(100.0 * kept / generated, 1);
    }

    /** {@return the published names, in the published order} */
    public Map<String, @Nullable Object> fields() {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("probes", (long) probes);
        fields.put("samples_per_probe", (long) samplesPerProbe);
        fields.put("total_generated", (long) generated);
        fields.put("total_kept", (long) kept);
        fields.put("keep_rate", keepRate());
        fields.put("avg_kept_score", averageKeptScore.isPresent() ? (Double) averageKeptScore.getAsDouble() : null);
        return fields;
    }
}
