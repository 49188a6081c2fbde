package io.lethean.lem.evaluation.standard;

import io.lethean.lem.evaluation.BenchmarkException;
import io.lethean.lem.evaluation.internal.run.LineFile;
import io.lethean.lem.evaluation.internal.run.RunIdentity;
import io.lethean.lem.evaluation.internal.run.RunLog;
import io.lethean.lem.evaluation.internal.run.RunSession;
import io.lethean.lem.evaluation.probe.Question;
import io.lethean.lem.internal.io.JsonLine;
import io.lethean.lem.internal.io.JsonLineReader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The JSON Lines file of a standard benchmark: one answer a line, in the order of the questions. */
final class StandardOutput implements Closeable {

    private final Path file;
    private final List<Question> questions;
    private final String runId;
    private final List<Map<String, Object>> answers = new ArrayList<>();
    private long keptBytes;
    private @Nullable LineFile lines;

    /**
     * Reads an output if there is one; a last line that was cut is left out.
     *
     * @param questions those that are asked
     * @throws BenchmarkException if it is of another run, or its lines are not those of the questions
     */
    StandardOutput(Path file, List<Question> questions, RunIdentity identity) throws IOException {
        this.file = file;
        this.questions = questions;
        runId = identity.id();
        if (Files.exists(file)) {
            read();
        }
    }

    /** Asks and records what an output still lacks, if anything. */
    @FunctionalInterface
    interface Completion {
        void run(RunLog log, StandardOutput output, RunIdentity identity) throws IOException;
    }

    /**
     * Takes an output for this process, lets it be completed, and reads what it holds then.
     *
     * @param overwrite delete the output and its log first
     * @throws BenchmarkException if it was recorded with something else, or another run is writing it
     */
    static StandardResult complete(
            Path file, boolean overwrite, RunIdentity identity, List<Question> questions, Completion completion)
            throws IOException {
        try (RunSession session = RunSession.open(file, overwrite, identity);
                StandardOutput output = new StandardOutput(file, questions, identity)) {
            int askedBefore = session.log().asked();
            completion.run(session.log(), output, identity);
            return new StandardResult(output.answers(), session.log().asked() - askedBefore, file, identity.fields());
        }
    }

    private void read() throws IOException {
        try (JsonLineReader reader = new JsonLineReader(file)) {
            for (JsonLine line = reader.next(); line != null && line.isComplete(); line = reader.next()) {
                read(line.object(), line.number());
                keptBytes = line.end();
            }
        }
    }

    private void read(Map<String, Object> line, int number) {
        if (!runId.equals(line.get("run_id"))) {
            throw refused(String.format(
                    Locale.ROOT,
                    "does not say on line %d that it was recorded with this model, kernel, questions and options",
                    number));
        }
        if (answers.size() == questions.size()) {
            throw refused(
                    String.format(Locale.ROOT, "holds more answers than the %d that are asked for", questions.size()));
        }
        Question question = questions.get(answers.size());
        if (!question.id().equals(line.get("id")) || !question.prompt().equals(line.get("prompt"))) {
            throw refused(String.format(
                    Locale.ROOT,
                    "cannot be continued, since its line %d is not the question \"%s\"",
                    number,
                    question.id()));
        }
        answers.add(line);
    }

    private BenchmarkException refused(String reason) {
        return new BenchmarkException(
                String.format(Locale.ROOT, "%s %s; choose another output, or overwrite it.", file, reason));
    }

    /** The lines that are there, in the order of the questions. */
    List<Map<String, Object>> answers() {
        return answers;
    }

    boolean isComplete() {
        return answers.size() == questions.size();
    }

    /** The question of the next line. */
    Question next() {
        return questions.get(answers.size());
    }

    void open() throws IOException {
        lines = new LineFile(file, keptBytes);
    }

    /**
     * Writes the line of the next question, which is on the disk then.
     *
     * @param head the published fields between {@code id} and {@code prompt}
     * @param rest the fields after it
     */
    void append(Map<String, ?> head, Map<String, ? extends @Nullable Object> rest) throws IOException {
        if (lines == null) {
            throw new IllegalStateException("The output " + file + " is not open for writing.");
        }
        Question question = next();
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("id", question.id());
        line.putAll(head);
        line.put("prompt", question.prompt());
        line.putAll(rest);
        line.put("run_id", runId);
        lines.append(line);
        answers.add(line);
    }

    @Override
    public void close() throws IOException {
        if (lines != null) {
            lines.close();
        }
    }
}
