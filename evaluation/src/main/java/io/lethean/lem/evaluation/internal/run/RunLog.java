package io.lethean.lem.evaluation.internal.run;

import io.lethean.lem.evaluation.BenchmarkException;
import io.lethean.lem.evaluation.internal.run.RunLogLine.Slot;
import io.lethean.lem.evaluation.run.Machine;
import io.lethean.lem.evaluation.run.ModelIdentity;
import io.lethean.lem.evaluation.run.RecordedAnswer;
import io.lethean.lem.internal.io.JsonLine;
import io.lethean.lem.internal.io.JsonLineReader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A run's log: its identity, every question and every answer; each line is on the disk before the run continues.
 *
 * <p>Lines are of the types {@code run} (the first: the run's identity), {@code ask} (with {@code asked}, the number of
 * questions put so far, over all processes), {@code answer}, {@code scored} (the output has the answer), {@code failed},
 * {@code resume} (a later process continues) and {@code done}.
 * The output is assembled from the answers, so nothing that is logged is asked for again.
 */
public final class RunLog implements Closeable {

    private final Path file;
    private final Map<Slot, RecordedAnswer> answers = new HashMap<>();
    private final Map<Machine, Machine> known = new LinkedHashMap<>();
    private @Nullable Map<?, ?> identity;
    private long keptBytes;
    private long asked;
    private boolean done;
    private @Nullable LineFile lines;

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
        RunLogLine read = RunLogLine.read(line);
        if (identity == null) {
            if (!(read.fields().get("identity") instanceof Map<?, ?> recorded)) {
                throw line.malformed("this is not the log of a benchmark; expected \"identity\" on its first line.");
            }
            identity = recorded;
        }
        read.questions().ifPresent(count -> asked = count);
        done = read instanceof RunLogLine.Other other
                && "done".equals(other.fields().get("type"));
        if (read instanceof RunLogLine.Answer answer) {
            keep(answer.slot(), answer.answer());
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
    public void open(RunIdentity run, ModelIdentity model, RunScope scope, int recorded, String time)
            throws IOException {
        lines = new LineFile(file, keptBytes);
        append(new RunLogLine.Start(
                exists() ? null : run.fields(), model.name(), model.engine(), scope, recorded, asked, time));
    }

    /** Says of a complete run that it is done, if a process was killed between its last answer and that line. */
    public void confirmDone(RunIdentity run, ModelIdentity model, RunScope scope, String time) throws IOException {
        if (exists() && !done) {
            int all = Math.toIntExact(scope.questions());
            open(run, model, scope, all, time);
            done(all, time);
        }
    }

    public void ask(int probe, String id, String condition, String time) throws IOException {
        append(new RunLogLine.Ask(++asked, new Slot(probe, condition), id, time));
    }

    public void answer(int probe, String id, String condition, RecordedAnswer answer) throws IOException {
        Slot slot = new Slot(probe, condition);
        append(new RunLogLine.Answer(slot, id, answer));
        keep(slot, answer);
    }

    /** Answers of one machine share the object. */
    private void keep(Slot slot, RecordedAnswer answer) {
        answers.put(
                slot, answer.machine().map(this::known).map(answer::withMachine).orElse(answer));
    }

    private Machine known(Machine machine) {
        Machine same = known.putIfAbsent(machine, machine);
        return same == null ? machine : same;
    }

    /** Writes down that a question was answered, where the output alone has the answer. */
    public void scored(int probe, String id, String condition, String time) throws IOException {
        append(new RunLogLine.Scored(new Slot(probe, condition), id, time));
    }

    /** Drops the text of an answer that the output has by now; its times are kept. */
    public void forgetText(int probe, String condition) {
        answers.computeIfPresent(new Slot(probe, condition), (slot, answer) -> answer.withText(""));
    }

    public void fail(int probe, String id, String condition, String reason, String time) throws IOException {
        append(new RunLogLine.Failed(new Slot(probe, condition), id, reason, time));
    }

    /** The machines that computed recorded answers, one of each kind. */
    public List<Machine> machines() {
        List<Machine> kinds = new ArrayList<>();
        for (Machine machine : known.keySet()) {
            if (kinds.stream().noneMatch(machine::answersAs)) {
                kinds.add(machine);
            }
        }
        return kinds;
    }

    public void done(int recorded, String time) throws IOException {
        append(new RunLogLine.Done(recorded, asked, time));
    }

    private void append(RunLogLine line) throws IOException {
        if (lines == null) {
            throw new IllegalStateException("The log " + file + " is not open for writing.");
        }
        lines.append(line.fields());
    }

    @Override
    public void close() throws IOException {
        if (lines != null) {
            lines.close();
        }
    }
}
