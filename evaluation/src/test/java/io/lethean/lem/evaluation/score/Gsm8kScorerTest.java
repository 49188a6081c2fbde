package io.lethean.lem.evaluation.score;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class Gsm8kScorerTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @ParameterizedTest
    @ValueSource(strings = {"lem_ethics", "base_pt"})
    void recordedAnswersGetTheirRecordedVerdictAndNumber(String model) throws IOException {
        Map<String, JsonNode> questions = byId(Fixtures.require("lem/benchmarks/gsm8k.jsonl"));
        Map<String, JsonNode> answers = byId(Fixtures.require("lem/results/gsm8k_" + model + ".jsonl"));
        JsonNode recorded =
                JSON.readTree(Fixtures.require("lem/results/gsm8k_scores.json")).at("/scores/gsm8k/" + model);
        assertThat(recorded.size()).isEqualTo(50);
        recorded.propertyStream().forEach(entry -> {
            Sample sample = new Sample(
                    entry.getKey(),
                    "",
                    Map.of(
                            "correct_answer",
                            questions.get(entry.getKey()).get("correct_answer").asString()));
            Score score = Scorers.named("gsm8k")
                    .score(sample, answers.get(entry.getKey()).get("response").asString());
            assertThat(published(score)).as(entry.getKey()).isEqualTo(JSON.convertValue(entry.getValue(), Map.class));
        });
    }

    private static Map<String, Object> published(Score score) {
        Map<String, Object> published = new LinkedHashMap<>(score.details());
        published.keySet().retainAll(List.of("correct", "extracted", "expected"));
        return published;
    }

    private static Map<String, JsonNode> byId(Path file) throws IOException {
        Map<String, JsonNode> byId = new HashMap<>();
        for (String line : Files.readAllLines(file)) {
            JsonNode row = JSON.readTree(line);
            byId.put(row.get("id").asString(), row);
        }
        return byId;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            nullValues = "-",
            value = {
                "`so #### 50`|50|true",
                "`#### $50 or 12`|12|false",
                "`it is $50`|-|false",
                "`####.`|.|false",
                "`the sum = 50.`|50|true",
                "`#### 1,050`|1050|false",
                "`**50**`|-|false",
                "`#### 49.995`|49.995|true",
                "`ERROR: 50`|-|false",
                "``|-|false",
                "`5 or 7 or -50`|-50|false"
            })
    void theLastMarkedOrStandingNumberIsTaken(String answer, String extracted, boolean correct) {
        Score score = Scorers.named("gsm8k").score(asking("50"), answer);
        assertThat(score.details()).containsEntry("extracted", extracted).containsEntry("correct", correct);
        assertThat(score.value()).hasValue(correct ? 1 : 0);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`#### 1,050.`|1050|true|true",
                "`#### $1,050`|1050|false|true",
                "`is $1,050. Or #### 7`|1050|false|false",
                "`is 1050`|1050|false|true",
                "`A: 7`|7|false|true",
                "`none`|7|false|false"
            })
    void theHarnessFiltersStandBeside(String answer, String expected, boolean strict, boolean flexible) {
        assertThat(Scorers.named("gsm8k-strict").score(asking(expected), answer).value())
                .hasValue(strict ? 1 : 0);
        assertThat(Scorers.named("gsm8k-flexible")
                        .score(asking(expected), answer)
                        .value())
                .hasValue(flexible ? 1 : 0);
    }

    @Test
    void theOriginalDataSetsWorkedSolutionGivesTheExpectedNumber() {
        Sample sample = new Sample("", "", Map.of("answer", "He has <<2*3=6>>6 and more.\n#### 1,006"));
        assertThat(Scorers.named("gsm8k").score(sample, "#### 1006").details()).containsEntry("expected", "1006");
    }

    @Test
    void withoutAnExpectedNumberTheAnswerIsUnscored() {
        assertThat(Scorers.named("gsm8k").score(Sample.ofId("1"), "#### 50").value())
                .isEmpty();
    }

    private static Sample asking(String expected) {
        return new Sample("", "", Map.of("correct_answer", expected));
    }
}
