package io.lethean.lem.evaluation.internal.run;

import io.lethean.lem.MalformedDataException;
import io.lethean.lem.evaluation.run.RecordedAnswer;
import io.lethean.lem.internal.io.JsonLine;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A line of a run's log. {@link #fields()} has its fields in the order in which they are written. */
sealed interface RunLogLine {

    /** The line as JSON. */
    Map<String, Object> fields();

    /** Questions put so far over all processes, if the line says so. */
    default OptionalLong questions() {
        return OptionalLong.empty();
    }

    /** The place of an answer: the probe's index and the condition's name. */
    record Slot(long probe, String condition) {

        private static void put(Map<String, Object> line, Slot slot, String id) {
            line.put("probe", slot.probe);
            line.put("id", id);
            line.put("condition", slot.condition);
        }
    }

    /**
     * A process begins the run, or a later one resumes it.
     *
     * @param identity of the run, on the first line of a log; null for a later process
     * @param model its name
     * @param scope of the run, as this process sees it
     * @param recorded answers that the output and the log have
     * @param asked questions put so far
     */
    record Start(
            @Nullable Map<String, @Nullable Object> identity,
            String model,
            String engine,
            RunScope scope,
            long recorded,
            long asked,
            String time)
            implements RunLogLine {

        @Override
        public Map<String, Object> fields() {
            Map<String, Object> line = ofType(identity == null ? "resume" : "run");
            if (identity != null) {
                line.put("format", 1L);
                line.put("identity", identity);
            }
            line.put("model", model);
            line.put("engine", engine);
            line.put("conditions", scope.conditions());
            line.put("questions", scope.questions());
            line.put("recorded", recorded);
            line.put("asked", asked);
            line.put("ts", time);
            return line;
        }
    }

    /**
     * A question is about to be put.
     *
     * @param asked questions put so far, with this one
     * @param id of the probe
     */
    record Ask(long asked, Slot slot, String id, String time) implements RunLogLine {

        @Override
        public Map<String, Object> fields() {
            Map<String, Object> line = ofType("ask");
            line.put("asked", asked);
            Slot.put(line, slot, id);
            line.put("ts", time);
            return line;
        }
    }

    /**
     * An answer.
     *
     * @param id of the probe
     */
    record Answer(Slot slot, String id, RecordedAnswer answer) implements RunLogLine {

        @Override
        public Map<String, Object> fields() {
            Map<String, Object> line = ofType("answer");
            Slot.put(line, slot, id);
            AnswerForm.putIntoLog(line, answer);
            return line;
        }

        private static Answer read(JsonLine line, Map<String, Object> fields) throws MalformedDataException {
            RecordedAnswer answer = AnswerForm.fromLog(fields);
            if (answer == null
                    || !(fields.get("probe") instanceof Long probe)
                    || !(fields.get("condition") instanceof String condition)) {
                throw line.malformed("this answer lacks a field; delete the line to ask for it again.");
            }
            return new Answer(new Slot(probe, condition), fields.get("id") instanceof String id ? id : "", answer);
        }
    }

    /**
     * A question was answered, and the output alone has the answer.
     *
     * @param id of the probe
     */
    record Scored(Slot slot, String id, String time) implements RunLogLine {

        @Override
        public Map<String, Object> fields() {
            Map<String, Object> line = ofType("scored");
            Slot.put(line, slot, id);
            line.put("ts", time);
            return line;
        }
    }

    /**
     * A question without an answer; a resumed run puts it again.
     *
     * @param id of the probe
     * @param reason a sentence
     */
    record Failed(Slot slot, String id, String reason, String time) implements RunLogLine {

        @Override
        public Map<String, Object> fields() {
            Map<String, Object> line = ofType("failed");
            Slot.put(line, slot, id);
            line.put("reason", reason);
            line.put("ts", time);
            return line;
        }
    }

    /** The run is complete. */
    record Done(long recorded, long asked, String time) implements RunLogLine {

        @Override
        public Map<String, Object> fields() {
            Map<String, Object> line = ofType("done");
            line.put("recorded", recorded);
            line.put("asked", asked);
            line.put("ts", time);
            return line;
        }
    }

    /** Any line that is read back and is not an answer: only the identity and the count matter then. */
    record Other(Map<String, Object> fields) implements RunLogLine {

        @Override
        public OptionalLong questions() {
            return fields.get("asked") instanceof Long count ? OptionalLong.of(count) : OptionalLong.empty();
        }
    }

    /** Reads a line. */
    static RunLogLine read(JsonLine line) throws MalformedDataException {
        Map<String, Object> fields = line.object();
        return "answer".equals(fields.get("type")) ? Answer.read(line, fields) : new Other(fields);
    }

    private static Map<String, Object> ofType(String type) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("type", type);
        return line;
    }
}
