package io.lethean.lem.evaluation.rescore;

import io.lethean.lem.MalformedDataException;
import io.lethean.lem.evaluation.ab.AbSummary;
import io.lethean.lem.evaluation.ab.ScoredProbe;
import io.lethean.lem.evaluation.probe.ResponseLine;
import io.lethean.lem.evaluation.score.RecordedScore;
import io.lethean.lem.evaluation.score.Sample;
import io.lethean.lem.evaluation.score.Score;
import io.lethean.lem.evaluation.score.Scorer;
import io.lethean.lem.internal.io.AtomicFile;
import io.lethean.lem.internal.io.JsonLine;
import io.lethean.lem.internal.io.JsonLineReader;
import io.lethean.lem.internal.io.OutputLock;
import io.lethean.lem.internal.io.PythonJson;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Scores recorded answers again, line by line.
 *
 * <p>A line of an A/B benchmark is copied with new {@code lek_score} and {@code heuristic}, its summary with new means.
 * For a line with {@code response}, a line with {@code id}, {@code lek_score} and {@code heuristic} is written. Scorers
 * without a {@code lek_score} write their name, their version, {@code score} (null if unscored) and their own fields,
 * such as {@code correct} and {@code extracted}; on a line of an A/B benchmark these are under {@code scored} in each
 * answer. A line that cannot be scored is left out and reported; the other lines are scored.
 */
public final class Rescorer {

    private final Scorer scorer;
    private final Map<String, Sample> questions;
    private final Listener listener;

    /** Receives each score. */
    public interface Listener {

        /**
         * An answer has been scored.
         *
         * @param condition of an A/B benchmark's answer; else the line's model and condition, as far as it has them
         * @param id the answer's id, or the position of its line if it has no id
         * @param score the score of the answer
         */
        void scored(String condition, String id, Score score);
    }

    /**
     * A rescorer for scorers that need only the answer and the fields of its line.
     *
     * @param scorer scores each answer
     */
    public Rescorer(Scorer scorer) {
        this(scorer, Map.of());
    }

    /**
     * A rescorer for scorers that compare with reference answers.
     *
     * @param scorer scores each answer
     * @param questions reference answers by id, as {@link Sample#readAll} reads them, joined to the answers
     */
    public Rescorer(Scorer scorer, Map<String, Sample> questions) {
        this(scorer, questions, (condition, id, score) -> {});
    }

    /**
     * A rescorer that reports each score.
     *
     * @param scorer scores each answer
     * @param questions reference answers by id, joined to the answers
     * @param listener receives each score
     */
    public Rescorer(Scorer scorer, Map<String, Sample> questions, Listener listener) {
        this.scorer = scorer;
        this.questions = Map.copyOf(questions);
        this.listener = listener;
    }

    /**
     * The result of scoring a file.
     *
     * @param answers how many answers were scored
     * @param problems one sentence per line that was left out, naming the file and the line
     */
    public record Outcome(int answers, List<String> problems) {

        /** Copies the list, so that later changes of it do not count. */
        public Outcome {
            problems = List.copyOf(problems);
        }
    }

    /**
     * Scores a file and writes the result to another file, which appears when it is complete. Its folder is created if
     * it is missing.
     *
     * @param input the recorded answers, a file of JSON lines
     * @param output receives the scored lines
     * @return what was recorded
     * @throws IllegalArgumentException if both are the same file
     * @throws io.lethean.lem.evaluation.BenchmarkException if another process writes the output
     * @throws IOException if a line cannot be read or written
     */
    public Outcome rescore(Path input, Path output) throws IOException {
        if (Files.exists(output) && Files.isSameFile(input, output)) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "The output %s is the input; choose another file, so that nothing can be lost.",
                    output));
        }
        Files.createDirectories(output.toAbsolutePath().getParent());
        AtomicReference<Outcome> outcome = new AtomicReference<>();
        try (OutputLock _ = OutputLock.acquire(output)) {
            AtomicFile.write(output, part -> {
                try (Writer writer = Files.newBufferedWriter(part, StandardCharsets.US_ASCII)) {
                    outcome.set(rescore(input, writer));
                }
            });
        }
        return outcome.get();
    }

    /**
     * Scores a file; the lines are appended as they are scored.
     *
     * @param input the recorded answers, a file of JSON lines
     * @param output receives the scored lines
     * @return what was recorded
     * @throws IOException if a line cannot be read or written
     */
    public Outcome rescore(Path input, Appendable output) throws IOException {
        Pass pass = new Pass();
        try (JsonLineReader reader = new JsonLineReader(input)) {
            for (JsonLine line = reader.next(); line != null; line = reader.next()) {
                try {
                    output.append(PythonJson.write(pass.rescored(line))).append('\n');
                } catch (MalformedDataException e) {
                    pass.problems.add(e.getMessage());
                }
            }
        }
        return new Outcome(pass.answers, pass.problems);
    }

    /** One walk through a file, with what its summary will be made of. */
    private final class Pass {
        private final List<List<ScoredProbe>> probes = new ArrayList<>();
        private final List<String> problems = new ArrayList<>();
        private int answers;

        @SuppressWarnings("NullAway") // a line's members may be null, which the type of JsonLine does not say
        Map<String, @Nullable Object> rescored(JsonLine line) throws MalformedDataException {
            Map<String, @Nullable Object> fields = line.object();
            if (fields.get("conditions") instanceof Map<?, ?> conditions) {
                return probe(line, fields, conditions);
            }
            if ("summary".equals(fields.get("type"))) {
                return summary(fields);
            }
            return answer(ResponseLine.from(line.file(), line.number(), fields), line.number());
        }

        private Map<String, @Nullable Object> answer(ResponseLine line, int number) {
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            answers++;
            fields.put("id", line.id());
            Score score = score(line.id().toString(), line.fields(), line.response());
            listener.scored(condition(line.fields()), known(line.id().toString(), number), score);
            RecordedScore.putIntoLine(fields, score);
            return fields;
        }

        private static String condition(Map<String, ?> line) {
            return String.join(
                    " ",
                    Stream.of("model", "condition")
                            .map(line::get)
                            .filter(String.class::isInstance)
                            .map(String.class::cast)
                            .toList());
        }

        private static String known(String id, int line) {
            return id.isEmpty() ? "#" + line : id;
        }

        private Map<String, @Nullable Object> probe(
                JsonLine line, Map<String, @Nullable Object> fields, Map<?, ?> conditions)
                throws MalformedDataException {
            String id = text(fields.get("id"));
            Map<String, Object> rescored = new LinkedHashMap<>();
            Map<String, Double> scores = new LinkedHashMap<>();
            for (Map.Entry<?, ?> condition : conditions.entrySet()) {
                String name = condition.getKey().toString();
                if (!(condition.getValue() instanceof Map<?, ?> recorded)
                        || !(recorded.get("response") instanceof String response)) {
                    throw line.malformed("the condition '" + name + "' needs a text as \"response\".");
                }
                Map<String, @Nullable Object> answer = new LinkedHashMap<>();
                recorded.forEach((key, value) -> answer.put(key.toString(), value));
                Score score = score(id, fields, response);
                listener.scored(name, known(id, line.number()), score);
                RecordedScore.putIntoAnswer(answer, score);
                if (score.details().containsKey(RecordedScore.LEK_SCORE)) {
                    score.value().ifPresent(value -> scores.put(name, value));
                }
                rescored.put(name, answer);
            }
            add(fields, new ScoredProbe(id, text(fields.get("category")), scores));
            answers += rescored.size();
            fields.put("conditions", rescored);
            return fields;
        }

        /** A further sample of a probe follows on the first one's line. */
        private void add(Map<String, ?> fields, ScoredProbe probe) {
            if (probes.isEmpty() || !(fields.get("sample") instanceof Long sample) || sample == 0) {
                probes.add(new ArrayList<>());
            }
            probes.getLast().add(probe);
        }

        /** The recorded summary with new values where they depend on scores; the other keys stay the same. */
        private Map<String, @Nullable Object> summary(Map<String, @Nullable Object> fields) {
            if (probes.stream()
                    .flatMap(List::stream)
                    .allMatch(probe -> probe.scores().isEmpty())) {
                return fields;
            }
            fields.putAll(AbSummary.of(probes.stream().map(ScoredProbe::mean).toList())
                    .fields());
            fields.put("scorer", scorer.name());
            fields.put("scorer_version", scorer.version());
            return fields;
        }

        private Score score(String id, Map<String, ?> line, String response) {
            Sample question = questions.get(id);
            return scorer.score(question == null ? onLine(id, line) : question, response);
        }

        /** What the line itself says of its question. */
        private static Sample onLine(String id, Map<String, ?> line) {
            Map<String, Object> fields = new LinkedHashMap<>(line);
            fields.values().removeIf(value -> value == null);
            return new Sample(id, text(line.get("prompt")), fields);
        }

        private static String text(@Nullable Object value) {
            return value == null ? "" : value.toString();
        }
    }
}
