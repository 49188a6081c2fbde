package io.lethean.lem.evaluation.report;

import io.lethean.lem.MalformedDataException;
import io.lethean.lem.evaluation.run.ModelName;
import io.lethean.lem.evaluation.score.AnswerFlag;
import io.lethean.lem.evaluation.score.RecordedScore;
import io.lethean.lem.evaluation.score.Sample;
import io.lethean.lem.evaluation.score.Score;
import io.lethean.lem.evaluation.score.Scorer;
import io.lethean.lem.evaluation.stats.ProbeScores;
import io.lethean.lem.internal.io.JsonLine;
import io.lethean.lem.internal.io.JsonLineReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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

    /** Where a scorer records its verdict. */
    private static final List<String> VERDICTS = List.of("correct", "passed");

    private final Path file;
    private final Optional<Scorer> scorer;
    private final Map<String, Sample> questions;
    private final SequencedMap<String, AnsweredProbe> probes = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
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
                name, model.isEmpty() ? name : model, scorerLabel(), List.copyOf(probes.values()), problems, notes);
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
            model = ModelName.shown(named);
        }
        if (fields.get("scorer") instanceof String named) {
            recordedScorer = fields.get("scorer_version") instanceof String version ? named + " " + version : named;
        }
        if (fields.get("conditions") instanceof Map<?, ?> conditions) {
            AnsweredProbe probe = probe(line, fields);
            conditions.forEach((name, answer) -> {
                if (answer instanceof Map<?, ?> recorded) {
                    add(new Place(line, probe, name.toString()), fields, recorded);
                }
            });
        } else if (fields.get("response") instanceof String
                || scoreField(fields).isPresent()) {
            String condition = fields.get("condition") instanceof String named ? named : "answers";
            add(new Place(line, probe(line, fields), condition), fields, fields);
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
    private void add(Place place, Map<String, Object> fields, Map<?, ?> recorded) {
        AnsweredProbe probe = place.probe();
        String condition = place.condition();
        String response = text(recorded.get("response"));
        Map<String, List<ScoredAnswer>> answers =
                new LinkedHashMap<>(probes.getOrDefault(probe.id(), probe).answers());
        List<ScoredAnswer> sofar = new ArrayList<>(answers.getOrDefault(condition, List.of()));
        sofar.add(
                recorded.containsKey("response")
                        ? scored(place, fields, response, recorded)
                        : recorded(place, "", recorded, Set.of()));
        answers.put(condition, List.copyOf(sofar));
        probes.put(probe.id(), new AnsweredProbe(probe.id(), probe.category(), probe.prompt(), answers));
    }

    private ScoredAnswer recorded(Place place, String response, Map<?, ?> recorded, Set<AnswerFlag> flags) {
        Map<?, ?> holder = byAnotherScorer(recorded).orElse(recorded);
        OptionalDouble score = usable(place, recordedScore(holder));
        return new ScoredAnswer(
                response, score, isVerdict(holder, score), usable(place, recordedSignals(recorded)), flags);
    }

    /** True if the score is what a truth on the same line says. */
    private static boolean isVerdict(Map<?, ?> fields, OptionalDouble score) {
        return score.isPresent()
                && VERDICTS.stream()
                        .anyMatch(name ->
                                fields.get(name) instanceof Boolean right && score.getAsDouble() == (right ? 1 : 0));
    }

    private OptionalDouble usable(Place place, OptionalDouble score) {
        if (score.isPresent() && !ProbeScores.isUsable(score.getAsDouble())) {
            notes.add(
                    place.note("the score is " + score.getAsDouble() + " and cannot be used; the answer is unscored."));
            return OptionalDouble.empty();
        }
        return score;
    }

    private Map<String, Double> usable(Place place, Map<String, Double> signals) {
        Map<String, Double> usable = new LinkedHashMap<>();
        signals.forEach((name, value) -> {
            if (ProbeScores.isUsable(value)) {
                usable.put(name, value);
            } else {
                notes.add(place.note(String.format(
                        Locale.ROOT, "the value of %s is %s and cannot be used; it is left out.", name, value)));
            }
        });
        return usable;
    }

    /** Where an answer is recorded. */
    private record Place(JsonLine line, AnsweredProbe probe, String condition) {

        String note(String sentence) {
            return String.valueOf(line.malformed(
                            String.format(Locale.ROOT, "probe %s, condition %s: %s", probe.id(), condition, sentence))
                    .getMessage());
        }
    }

    private ScoredAnswer scored(Place place, Map<String, Object> fields, String response, Map<?, ?> recorded) {
        AnsweredProbe probe = place.probe();
        Optional<String> reason =
                Optional.ofNullable(recorded.get("finish_reason")).map(Object::toString);
        Set<AnswerFlag> flags =
                AnswerFlag.of(response, reason, Boolean.TRUE.equals(recorded.get("special_tokens_only")));
        if (scorer.isEmpty()) {
            return recorded(place, response, recorded, flags);
        }
        Score score = scorer.get().score(questions.getOrDefault(probe.id(), sample(probe, fields)), response);
        OptionalDouble value = usable(place, score.value());
        return new ScoredAnswer(response, value, isVerdict(score.details(), value), numbers(score.details()), flags);
    }

    private static Sample sample(AnsweredProbe probe, Map<String, Object> fields) {
        Map<String, Object> known = new LinkedHashMap<>(fields);
        known.values().removeIf(value -> value == null);
        return new Sample(probe.id(), probe.prompt(), known);
    }

    private static Optional<String> scoreField(Map<?, ?> fields) {
        return SCORE_FIELDS.stream().filter(fields::containsKey).findFirst();
    }

    private static OptionalDouble recordedScore(Map<?, ?> recorded) {
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
