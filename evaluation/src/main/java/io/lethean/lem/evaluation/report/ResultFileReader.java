package io.lethean.lem.evaluation.report;

import io.lethean.lem.MalformedDataException;
import io.lethean.lem.evaluation.score.AnswerFlag;
import io.lethean.lem.evaluation.score.RecordedScore;
import io.lethean.lem.evaluation.score.Sample;
import io.lethean.lem.evaluation.score.Score;
import io.lethean.lem.evaluation.score.Scorer;
import io.lethean.lem.internal.io.JsonLine;
import io.lethean.lem.internal.io.JsonLineReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads one file into a {@link ResultFile}; a bad line is reported and the good ones are kept. */
final class ResultFileReader {

    /** Where a line without {@code heuristic} may carry its score, in the order of preference. */
    private static final List<String> SCORE_FIELDS = List.of("lek_score", "score", "value", "correct");

    private final Path file;
    private final Optional<Scorer> scorer;
    private final Map<String, Sample> questions;
    private final SequencedMap<String, AnsweredProbe> probes = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();
    private String model = "";
    private String recordedScorer = "";
    private boolean sawNuance;

    ResultFileReader(Path file, Optional<Scorer> scorer, Map<String, Sample> questions) {
        this.file = file;
        this.scorer = scorer;
        this.questions = questions;
    }

    ResultFile read() throws IOException {
        try (JsonLineReader reader = new JsonLineReader(file)) {
            for (JsonLine line = reader.next(); line != null; line = reader.next()) {
                try {
                    read(line, line.object());
                } catch (MalformedDataException e) {
                    problems.add(e.getMessage());
                }
            }
        }
        String name = file.getFileName().toString();
        return new ResultFile(
                name, model.isEmpty() ? name : model, scorerLabel(), List.copyOf(probes.values()), problems);
    }

    private String scorerLabel() {
        if (scorer.isPresent()) {
            return scorer.get().name() + " " + scorer.get().version();
        }
        String published = sawNuance ? "v2" : "A/B v1";
        return (recordedScorer.isEmpty() ? published : recordedScorer) + ", as recorded";
    }

    private void read(JsonLine line, Map<String, Object> fields) throws MalformedDataException {
        if (fields.get("model") instanceof String named && !named.isEmpty()) {
            model = named;
        }
        if (fields.get("scorer") instanceof String named) {
            recordedScorer = fields.get("scorer_version") instanceof String version ? named + " " + version : named;
        }
        if (fields.get("conditions") instanceof Map<?, ?> conditions) {
            AnsweredProbe probe = probe(line, fields);
            conditions.forEach((name, answer) -> {
                if (answer instanceof Map<?, ?> recorded) {
                    add(probe, name.toString(), fields, recorded);
                }
            });
        } else if (fields.get("response") instanceof String
                || scoreField(fields).isPresent()) {
            String condition = fields.get("condition") instanceof String named ? named : "answers";
            add(probe(line, fields), condition, fields, fields);
        } else if (!fields.containsKey("type")) {
            throw line.malformed("this line holds no answer and no score.");
        }
    }

    private AnsweredProbe probe(JsonLine line, Map<String, Object> fields) {
        String given = text(fields.get("id"));
        boolean named = !given.isEmpty();
        boolean further = fields.get("sample") instanceof Long sample && sample > 0 && !probes.isEmpty();
        String id = named ? given : further ? probes.lastEntry().getKey() : "#" + line.number();
        String category = text(fields.getOrDefault("category", fields.get("benchmark")));
        return probes.computeIfAbsent(
                id, key -> new AnsweredProbe(key, category, text(fields.get("prompt")), Map.of()));
    }

    private static String text(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }

    /** Replaces the probe by one with a further answer, since records do not change. */
    private void add(AnsweredProbe probe, String condition, Map<String, Object> fields, Map<?, ?> recorded) {
        String response = text(recorded.get("response"));
        Map<String, List<ScoredAnswer>> answers =
                new LinkedHashMap<>(probes.getOrDefault(probe.id(), probe).answers());
        List<ScoredAnswer> sofar = new ArrayList<>(answers.getOrDefault(condition, List.of()));
        sofar.add(
                recorded.containsKey("response")
                        ? scored(probe, fields, response, recorded)
                        : new ScoredAnswer("", recordedScore(recorded), recordedSignals(recorded), Set.of()));
        answers.put(condition, List.copyOf(sofar));
        probes.put(probe.id(), new AnsweredProbe(probe.id(), probe.category(), probe.prompt(), answers));
    }

    private ScoredAnswer scored(AnsweredProbe probe, Map<String, Object> fields, String response, Map<?, ?> recorded) {
        Optional<String> reason =
                Optional.ofNullable(recorded.get("finish_reason")).map(Object::toString);
        Set<AnswerFlag> flags =
                AnswerFlag.of(response, reason, Boolean.TRUE.equals(recorded.get("special_tokens_only")));
        if (scorer.isEmpty()) {
            return new ScoredAnswer(response, recordedScore(recorded), recordedSignals(recorded), flags);
        }
        Score score = scorer.get().score(questions.getOrDefault(probe.id(), sample(probe, fields)), response);
        return new ScoredAnswer(response, score.value(), numbers(score.details()), flags);
    }

    private static Sample sample(AnsweredProbe probe, Map<String, Object> fields) {
        Map<String, Object> known = new LinkedHashMap<>(fields);
        known.values().removeIf(value -> value == null);
        return new Sample(probe.id(), probe.prompt(), known);
    }

    private static Optional<String> scoreField(Map<?, ?> fields) {
        return SCORE_FIELDS.stream().filter(fields::containsKey).findFirst();
    }

    private static OptionalDouble recordedScore(Map<?, ?> answer) {
        Map<?, ?> recorded = byAnotherScorer(answer).orElse(answer);
        Object value =
                scoreField(recorded).map(name -> (Object) recorded.get(name)).orElse(null);
        return switch (value) {
            case Number number -> OptionalDouble.of(number.doubleValue());
            case Boolean right -> OptionalDouble.of(right ? 1 : 0);
            case null, default -> OptionalDouble.empty();
        };
    }

    /** What a scorer without the published fields recorded, if nothing else scored the answer. */
    private static Optional<Map<?, ?>> byAnotherScorer(Map<?, ?> answer) {
        return scoreField(answer).isEmpty() && answer.get(RecordedScore.SCORED) instanceof Map<?, ?> scored
                ? Optional.of(scored)
                : Optional.empty();
    }

    private Map<String, Double> recordedSignals(Map<?, ?> recorded) {
        Optional<Map<?, ?>> scored = byAnotherScorer(recorded);
        if (scored.isPresent()) {
            return numbers(scored.get());
        }
        if (!(recorded.get("heuristic") instanceof Map<?, ?> heuristic)) {
            return Map.of();
        }
        sawNuance |= heuristic.containsKey("nuance");
        return numbers(heuristic);
    }

    private static Map<String, Double> numbers(Map<?, ?> details) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        details.forEach((name, value) -> {
            if (value instanceof Number number && !name.equals("lek_score")) {
                numbers.put(name.toString(), number.doubleValue());
            }
        });
        return numbers;
    }
}
