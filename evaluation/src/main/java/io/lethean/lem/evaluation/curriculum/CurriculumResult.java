package io.lethean.lem.evaluation.curriculum;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * How far a curriculum came.
 *
 * @param end why it ended
 * @param phases that were trained to their end, in order; the last one failed if {@code end} says so
 * @param adapter the adapter of the last phase; empty unless all phases passed
 */
public record CurriculumResult(End end, List<PhaseResult> phases, Optional<Path> adapter) {

    /** Why a curriculum ended. */
    public enum End {
        /** All phases passed. */
        COMPLETE,
        /** A phase did not pass its gate. */
        GATE_FAILED,
        /** It was cancelled, with a checkpoint to resume from. */
        CANCELLED
    }

    /** Copies the list, so that later changes of it do not count. */
    public CurriculumResult {
        phases = List.copyOf(phases);
    }

    /** {@return the sentence about the gate that failed} */
    public Optional<String> failure() {
        return phases.isEmpty() ? Optional.empty() : phases.getLast().failure();
    }

    /** {@return the result as members of a JSON object, as {@code curriculum.json} has them} */
    public Map<String, Object> fields() {
        return fields(end.name().toLowerCase(Locale.ROOT), phases);
    }

    static Map<String, Object> fields(String end, List<PhaseResult> phases) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("end", end);
        List<Object> each = new ArrayList<>();
        phases.forEach(phase -> each.add(phase.fields()));
        fields.put("phases", each);
        return fields;
    }
}
