package io.lethean.lem.evaluation.score;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * The scorers that restate a published program, against values that an independent Python program computed on random
 * texts made of markers, numbers, unusual whitespace and letters that change case in unusual ways.
 */
class PublishedScorersTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @ParameterizedTest
    @ValueSource(strings = {"lek-regex", "self-distill", "gsm8k"})
    void scorerAgreesWithPythonInEveryDetail(String scorer) throws IOException {
        for (JsonNode row : rows()) {
            Score score =
                    Scorers.named(scorer).score(sample(row), row.get("response").asString());
            Map<String, Object> details = new HashMap<>();
            score.details().forEach((key, value) -> details.put(key, value instanceof Long n ? n.intValue() : value));
            assertThat(details)
                    .as(row.get("response").asString())
                    .isEqualTo(JSON.convertValue(row.get(scorer), Map.class));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lek-regex", "self-distill"})
    void detailsKeepTheRecordedOrder(String scorer) throws IOException {
        JsonNode row = rows().getFirst();
        Score score =
                Scorers.named(scorer).score(Sample.ofId(""), row.get("response").asString());
        assertThat(List.copyOf(score.details().keySet()))
                .isEqualTo(
                        row.get(scorer).propertyStream().map(Map.Entry::getKey).toList());
        assertThat(score.value()).hasValue((double) score.details().get("lek_score"));
    }

    @ParameterizedTest
    @ValueSource(strings = "tier1")
    void tier1AgreesWithPython(String scorer) throws IOException {
        for (JsonNode row : rows()) {
            Score score = Scorers.named(scorer)
                    .score(Sample.ofId(""), row.get("response").asString());
            assertThat(score.value())
                    .as(row.get("response").asString())
                    .isEqualTo(OptionalDouble.of(row.get(scorer).get("value").asDouble()));
        }
    }

    /** A hundred thousand characters of every kind that a careless expression would backtrack or recurse on. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "1",
                " ",
                "#",
                "####",
                "I cannot ",
                "1,",
                "\n",
                ".",
                "ab. ",
                "<think>",
                "\ud83d\ude00",
                "<pad>"
            })
    void longAnswersAreScoredWithoutDelay(String chunk) {
        String answer = chunk.repeat(100_000 / chunk.length());
        Sample sample = new Sample("math_trays", "", Map.of("correct_answer", "7"));
        Optional<String> failed = Scorers.names().stream()
                .filter(name ->
                        Scorers.named(name).score(sample, answer).value().isEmpty())
                .findAny();
        assertThat(failed).isEmpty();
        assertThat(AnswerFlag.of(answer, Optional.empty(), false)).isNotEmpty();
    }

    private static Sample sample(JsonNode row) {
        return new Sample("", "", Map.of("correct_answer", row.get("expected").asString()));
    }

    private static List<JsonNode> rows() throws IOException {
        try (InputStream in = PublishedScorersTest.class.getResourceAsStream("python-reference.jsonl")) {
            Stream<String> lines =
                    new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8).lines();
            return lines.map(JSON::readTree).toList();
        }
    }
}
