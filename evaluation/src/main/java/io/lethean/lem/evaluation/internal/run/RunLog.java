package io.lethean.lem.evaluation.internal.run;

import io.lethean.lem.evaluation.BenchmarkException;
import io.lethean.lem.evaluation.run.ModelIdentity;
import io.lethean.lem.internal.io.JsonLine;
import io.lethean.lem.internal.io.JsonLineReader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A run's log: its identity, every question and every answer; each line is on the disk before the run continues.
 *
 * <p>Lines are of the types {@code run} (the first: the run's identity), {@code ask} (with {@code asked}, the number of
 * questions put so far, over all processes), {@code answer}, {@code resume} (a later process continues) and {@code done}.
 * The output is assembled from the answers, so nothing that is logged is asked for again.
 */
public final class RunLog implements Closeable {

    private final Path file;
    private final Map<Slot, RecordedAnswer> answers = new HashMap<>();
    private @Nullable Map<?, ?> identity;
    private long keptBytes;
    private long asked;
    private @Nullable LineFile lines;

    /** The place of an answer: the probe's index and the condition's name. */
    private record Slot(long probe, String condition) {}

    /** Reads a log if there is one; a last line that was cut is left out. */
    public RunLog(Path file) throws IOException {
        this.file = file;
        if (Files.exists(file)) {
            read();
        }
    }

    private void read() throws IOException {
        try (JsonLineReader reader = new JsonLineReader(file)) {
            for (JsonLine line = reader.next(); line != null && line.isComplete(); line = reader.next()) {
                read(line);
                keptBytes = line.end();
            }
        }
    }

    private void read(JsonLine line) throws IOException {
        Map<String, Object> fields = line.object();
        if (identity == null) {
            if (!(fields.get("identity") instanceof Map<?, ?> recorded)) {
                throw line.malformed("this is not the log of a benchmark; expected \"identity\" on its first line.");
            }
            identity = recorded;
        }
        if (fields.get("asked") instanceof Long count) {
            asked = count;
        }
        if ("answer".equals(fields.get("type"))) {
            RecordedAnswer answer = RecordedAnswer.fromLog(fields);
            if (answer == null
                    || !(fields.get("probe") instanceof Long probe)
                    || !(fields.get("condition") instanceof String condition)) {
                throw line.malformed("this answer lacks a field; delete the line to ask for it again.");
            }
            answers.put(new Slot(probe, condition), answer);
        }
    }

    /** Whether an earlier process has left something. */
    public boolean exists() {
        return identity != null;
    }

    /** @throws BenchmarkException if the log is of another run */
    public void requireSame(RunIdentity now, Path output) {
        String differences = identity == null ? "" : now.differencesFrom(identity);
        if (!differences.isEmpty()) {
            throw new BenchmarkException(String.format(
                    Locale.ROOT,
                    "%s was recorded by another run (%s); choose another output, or overwrite it.",
                    output,
                    differences));
        }
    }

    /** Questions put so far, over all processes. */
    public int asked() {
        return Math.toIntExact(asked);
    }

    public Optional<RecordedAnswer> answer(int probe, String condition) {
        return Optional.ofNullable(answers.get(new Slot(probe, condition)));
    }

    /** Opens the log for writing; in a resumed run the first line says so. */
    public void open(RunIdentity run, ModelIdentity model, int recorded, String time) throws IOException {
        lines = new LineFile(file, keptBytes);
        Map<String, Object> line = line(exists() ? "resume" : "run");
        if (!exists()) {
            line.put("format", 1L);
            line.put("identity", run.fields());
        }
        line.put("model", model.name());
        line.put("engine", model.engine());
        line.put("recorded", (long) recorded);
        line.put("asked", asked);
        line.put("ts", time);
        append(line);
    }

    public void ask(int probe, String id, String condition, String time) throws IOException {
        Map<String, Object> line = line("ask");
        line.put("asked", ++asked);
        putSlot(line, probe, id, condition);
        line.put("ts", time);
        append(line);
    }

    public void answer(int probe, String id, String condition, RecordedAnswer answer) throws IOException {
        Map<String, Object> line = line("answer");
        putSlot(line, probe, id, condition);
        answer.putIntoLog(line);
        append(line);
        answers.put(new Slot(probe, condition), answer);
    }

    public void done(int recorded, String time) throws IOException {
        Map<String, Object> line = line("done");
        line.put("recorded", (long) recorded);
        line.put("asked", asked);
        line.put("ts", time);
        append(line);
    }

    private static void putSlot(Map<String, Object> line, int probe, String id, String condition) {
        line.put("probe", (long) probe);
        line.put("id", id);
        line.put("condition", condition);
    }

    private static Map<String, Object> line(String type) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("type", type);
        return line;
    }

    private void append(Map<String, Object> line) throws IOException {
        if (lines == null) {
            throw new IllegalStateException("The log " + file + " is not open for writing.");
        }
        lines.append(line);
    }

    @Override
    public void close() throws IOException {
        if (lines != null) {
            lines.close();
        }
    }
}
