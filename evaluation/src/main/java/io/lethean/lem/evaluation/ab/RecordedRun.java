package io.lethean.lem.evaluation.ab;

import io.lethean.lem.evaluation.BenchmarkException;
import io.lethean.lem.evaluation.run.IdentityDifference;
import io.lethean.lem.internal.io.JsonLineReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The run of a complete A/B benchmark, as the summary of its output describes the run.
 *
 * @param file the output
 * @param model the model's name
 * @param engine the engine and its version, such as {@code llama.cpp v0.5.0}; empty if it is not recorded
 * @param identity the run identity by key; values are texts, numbers, lists of texts, or null
 */
public record RecordedRun(Path file, String model, String engine, Map<String, @Nullable Object> identity) {

    /** Copies the run identity. */
    public RecordedRun {
        identity = Collections.unmodifiableMap(new LinkedHashMap<>(identity));
    }

    /**
     * Reads the output of a benchmark.
     *
     * @param file the JSON Lines file
     * @return its run
     * @throws BenchmarkException if it has no summary with a run identity: the run was not complete, or the file was
     *     written by another program
     * @throws IOException if the file cannot be read or a line is not a JSON object
     */
    public static RecordedRun read(Path file) throws IOException {
        List<Map<String, Object>> lines = JsonLineReader.readAll(file);
        Map<String, Object> last = lines.isEmpty() ? Map.of() : lines.getLast();
        if (!"summary".equals(last.get("type")) || !(last.get("run") instanceof Map<?, ?> run)) {
            throw new BenchmarkException(file + " does not end with the summary of a benchmark and its run identity;"
                    + " the run was not complete, or another program wrote the file. Record it again.");
        }
        Map<String, @Nullable Object> identity = new LinkedHashMap<>();
        run.forEach((name, value) -> identity.put(String.valueOf(name), value));
        return new RecordedRun(file, text(last.get("model")), text(last.get("engine")), identity);
    }

    private static String text(@Nullable Object value) {
        return value instanceof String text ? text : "";
    }

    /**
     * {@return what separates this run from one of a plan, in the order of the recorded keys; empty for the same run}
     *
     * @param plan the other run
     */
    public List<IdentityDifference> differencesFrom(AbPlan plan) {
        return plan.identity().differences(identity);
    }
}
