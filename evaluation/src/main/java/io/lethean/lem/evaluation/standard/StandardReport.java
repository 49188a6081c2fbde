package io.lethean.lem.evaluation.standard;

import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.rescore.ScoreMeans;
import io.lethean.lem.evaluation.run.ModelIdentity;
import io.lethean.lem.evaluation.run.ModelName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a standard benchmark came to, for a person and for a machine.
 *
 * @param benchmark which one
 * @param model who answered
 * @param condition the kernel's name, or {@code baseline}
 * @param scoredBy the scorer with its version, or the preamble's name; empty where nothing is scored
 * @param result the answers
 * @param means of their scores
 */
public record StandardReport(
        StandardTask benchmark,
        ModelIdentity model,
        String condition,
        String scoredBy,
        StandardResult result,
        ScoreMeans means) {

    /** {@return the report as fields of a JSON object} */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("benchmark", benchmark.label());
        fields.put("model", model.name());
        fields.put("engine", model.engine());
        fields.put("condition", condition);
        fields.put("scored_by", scoredBy);
        fields.put("questions", (long) result.answers().size());
        fields.put("asked", (long) result.asked());
        fields.putAll(means.fields());
        Map<String, Object> flags = new LinkedHashMap<>();
        result.flags().forEach((flag, count) -> flags.put(flag, (long) count));
        fields.put("flags", flags);
        fields.put("output", result.output().toString());
        fields.put("run", result.run());
        return fields;
    }

    /** The table, ending in a line feed. */
    @Override
    public String toString() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "%s, %d questions, %s, %s",
                benchmark.label(),
                result.answers().size(),
                ModelName.shown(model.name()),
                condition.equals(Kernel.BASELINE) ? "no kernel" : "kernel " + condition));
        if (!scoredBy.isEmpty()) {
            lines.add("scored by " + scoredBy);
        }
        lines.add(means.toString().stripTrailing());
        result.flags().forEach((flag, count) -> lines.add(String.format(Locale.ROOT, "%s: %d", flag, count)));
        return String.join("\n", lines) + "\n";
    }
}
