package io.lethean.lem.evaluation.ab;

import io.lethean.lem.evaluation.BenchmarkException;
import io.lethean.lem.evaluation.internal.run.AnswerForm;
import io.lethean.lem.evaluation.internal.run.LineFile;
import io.lethean.lem.evaluation.internal.run.RunIdentity;
import io.lethean.lem.evaluation.internal.run.RunLog;
import io.lethean.lem.evaluation.internal.run.WallTime;
import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.run.RecordedAnswer;
import io.lethean.lem.evaluation.score.RecordedScore;
import io.lethean.lem.evaluation.score.Sample;
import io.lethean.lem.evaluation.score.Score;
import io.lethean.lem.evaluation.score.Scorer;
import io.lethean.lem.internal.io.JsonLine;
import io.lethean.lem.internal.io.JsonLineReader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** The JSON Lines file of an A/B benchmark: one line per probe in the plan's order, and the summary at the end. */
final class AbOutput implements Closeable {

    private final Path file;
    private final AbPlan plan;
    private final RunIdentity identity;
    private final Scorer scorer;
    private final List<Probe> questions;
    private final List<ScoredProbe> probes = new ArrayList<>();
    private final IdentityHashMap<RecordedAnswer, Score> scored = new IdentityHashMap<>();
    private final List<Map<String, Double>> readSeconds = new ArrayList<>();
    private boolean complete;
    private String differences = "";
    private String fault = "";
    private boolean signed = true;
    private long keptBytes;
    private @Nullable LineFile lines;

    /**
     * Reads an output if there is one; a last line that was cut is left out.
     *
     * @throws BenchmarkException if it is of another run, or its lines are not those of the plan
     */
    AbOutput(Path file, AbPlan plan, RunIdentity identity) throws IOException {
        this.file = file;
        this.plan = plan;
        questions = plan.questions();
        this.identity = identity;
        this.scorer = plan.scorer();
        if (Files.exists(file)) {
            read();
            requireSameRun();
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
        signed &= identity.id().equals(line.get("run_id"));
        if (line.get("run") instanceof Map<?, ?> recorded) {
            differences = identity.differencesFrom(recorded);
        }
        String found = complete ? "is after the summary" : readInTurn(line);
        if (fault.isEmpty() && !found.isEmpty()) {
            fault = "its line " + number + " " + found;
        }
    }

    /** Reads a line as the next of the plan, and returns what keeps it from being that, or nothing. */
    private String readInTurn(Map<String, Object> line) {
        boolean summary = "summary".equals(line.get("type"));
        boolean last = probes.size() == questions.size();
        complete = summary;
        if (summary) {
            return last ? "" : "is the summary, before all probes are there";
        }
        return last ? "is one probe more than the plan has" : readProbe(line, questions.get(probes.size()));
    }

    /**
     * Our summary carries the whole identity and tells what differs; our probe lines carry its short name; lines of
     * others carry neither.
     */
    private void requireSameRun() {
        if (!differences.isEmpty()) {
            throw refused("was recorded by another run (" + differences + ")");
        }
        if (!fault.isEmpty()) {
            throw refused("cannot be continued, since " + fault);
        }
        if (!signed) {
            throw refused("does not say that it was recorded with this model and these kernels, prompts and options");
        }
    }

    private BenchmarkException refused(String reason) {
        return new BenchmarkException(
                String.format(Locale.ROOT, "%s %s; choose another output, or overwrite it.", file, reason));
    }

    private String readProbe(Map<String, Object> line, Probe probe) {
        boolean same = "probe".equals(line.get("type"))
                && probe.id().equals(line.get("id"))
                && probe.prompt().equals(line.get("prompt"));
        if (!same || !(line.get("conditions") instanceof Map<?, ?> conditions)) {
            return String.format(Locale.ROOT, "is not the probe '%s' of the plan", probe.id());
        }
        Map<String, Double> scores = new LinkedHashMap<>();
        Map<String, Double> seconds = new LinkedHashMap<>();
        for (String name : plan.conditionNames()) {
            OptionalDouble score =
                    conditions.get(name) instanceof Map<?, ?> recorded ? RecordedScore.read(recorded) : null;
            if (score == null
                    || !(conditions.get(name) instanceof Map<?, ?> answer)
                    || !(answer.get("time_s") instanceof Double time)) {
                return String.format(Locale.ROOT, "has no scored answer under the condition '%s'", name);
            }
            score.ifPresent(value -> scores.put(name, value));
            seconds.put(name, time);
        }
        readSeconds.add(seconds);
        probes.add(new ScoredProbe(probe.id(), probe.category(), scores));
        return "";
    }

    /** Whether the summary is there. */
    boolean isComplete() {
        return complete;
    }

    /** The questions with a line in the output, in the plan's order. */
    List<ScoredProbe> probes() {
        return probes;
    }

    /** The probes, each with the means of its samples. */
    List<ScoredProbe> means() {
        List<ScoredProbe> means = new ArrayList<>();
        for (int from = 0; from < probes.size(); from += plan.samples()) {
            means.add(ScoredProbe.mean(probes.subList(from, Math.min(probes.size(), from + plan.samples()))));
        }
        return means;
    }

    void open() throws IOException {
        lines = new LineFile(file, keptBytes);
    }

    /** The score of an answer; a scorer that asks a judge is asked once for each answer. */
    Score score(Probe probe, RecordedAnswer answer) {
        return scored.computeIfAbsent(
                answer, unscored -> scorer.score(new Sample(probe.id(), probe.prompt(), Map.of()), unscored.text()));
    }

    /** Writes the line of the next probe, given its answers by condition. */
    ScoredProbe append(Map<String, RecordedAnswer> answers) throws IOException {
        Probe probe = questions.get(probes.size());
        Map<String, Object> conditions = new LinkedHashMap<>();
        Map<String, Double> scores = new LinkedHashMap<>();
        String time = "";
        for (Map.Entry<String, RecordedAnswer> entry : answers.entrySet()) {
            RecordedAnswer answer = entry.getValue();
            Score score = score(probe, answer);
            conditions.put(entry.getKey(), AnswerForm.outputFields(answer, score));
            score.value().ifPresent(value -> scores.put(entry.getKey(), value));
            scored.remove(answer);
            time = answer.time();
        }
        write(probeLine(probe, conditions, time));
        ScoredProbe scored = new ScoredProbe(probe.id(), probe.category(), scores);
        probes.add(scored);
        return scored;
    }

    private Map<String, Object> probeLine(Probe probe, Map<String, Object> conditions, String time) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("type", "probe");
        line.put("id", probe.id());
        line.put("category", probe.category());
        line.put("prompt", probe.prompt());
        line.put("conditions", conditions);
        line.put("ts", time);
        if (plan.samples() > 1) {
            line.put("sample", (long) plan.sample(probes.size()));
        }
        line.put("run_id", identity.id());
        return line;
    }

    /**
     * The time during which at least one answer was generated. Lines without an answer in the log have no exact times;
     * their answers are counted one after the other.
     */
    private double wallSeconds(RunLog log) {
        WallTime wall = new WallTime();
        for (int index = 0; index < probes.size(); index++) {
            Map<String, Double> read = index < readSeconds.size() ? readSeconds.get(index) : Map.of();
            for (String condition : plan.conditionNames()) {
                log.answer(index, condition)
                        .ifPresentOrElse(wall::add, () -> wall.add("", read.getOrDefault(condition, 0.0)));
            }
        }
        return wall.seconds();
    }

    /** Writes the summary, after the last probe. */
    AbSummary finish(String time, RunLog log) throws IOException {
        AbSummary summary = AbSummary.of(means());
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("type", "summary");
        line.put("model", plan.model().name());
        line.putAll(summary.fields());
        line.put("duration", (long) wallSeconds(log) + "s");
        line.put("max_tokens", (long) plan.options().maxTokens());
        line.put("ts", time);
        line.put("scorer", scorer.name());
        line.put("scorer_version", scorer.version());
        line.put("engine", plan.model().engine());
        if (plan.samples() > 1) {
            line.put("samples_per_probe", (long) plan.samples());
        }
        line.put("run_id", identity.id());
        line.put("run", identity.fields());
        write(line);
        complete = true;
        return summary;
    }

    private void write(Map<String, Object> line) throws IOException {
        if (lines == null) {
            throw new IllegalStateException("The output " + file + " is not open for writing.");
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
