package io.lethean.lem.evaluation.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.lethean.lem.Fixtures;
import io.lethean.lem.internal.io.JsonLineReader;
import io.lethean.lem.internal.io.PythonJson;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class V2ScorerTest {

    private final V2Scorer scorer = new V2Scorer();

    /** Texts with the values that Python's {@code re} gives for the published expressions. */
    static Stream<Map<String, Object>> edgeCases() throws IOException, URISyntaxException {
        Path table =
                Path.of(V2ScorerTest.class.getResource("v2-edge-cases.jsonl").toURI());
        return JsonLineReader.readAll(table).stream();
    }

    @ParameterizedTest
    @MethodSource("edgeCases")
    void edgeCases_scoreAsInPython(Map<String, Object> edgeCase) {
        String response = (String) edgeCase.get("response");

        assertThat(json(scorer.rate(response).fields())).isEqualTo(json(edgeCase.get("heuristic")));
    }

    @Test
    void recordedAnswers_scoreAsRecorded() throws IOException {
        List<Map<?, ?>> answers = recordedAnswers(Fixtures.require("lem/results"));

        assertThat(answers).isNotEmpty().allSatisfy(answer -> {
            V2Score score = scorer.rate((String) answer.get("response"));
            assertThat(json(score.fields())).isEqualTo(json(answer.get("heuristic")));
            assertThat(score.total()).isEqualTo(answer.get("lek_score"));
        });
    }

    private static List<Map<?, ?>> recordedAnswers(Path folder) throws IOException {
        List<Map<?, ?>> answers = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "ab-p100-*.jsonl")) {
            for (Path file : files) {
                for (Map<String, Object> line : JsonLineReader.readAll(file)) {
                    if (line.get("conditions") instanceof Map<?, ?> conditions
                            && line.get("type").equals("probe")) {
                        conditions.values().forEach(answer -> answers.add((Map<?, ?>) answer));
                    }
                }
            }
        }
        return answers;
    }

    @Test
    void score_carriesNameVersionAndEveryValueInPublishedOrder() {
        Score score = scorer.score(Sample.ofId("P01"), "I hope that you, however, will say what you fear?");

        assertThat(score.scorer()).isEqualTo("v2");
        assertThat(score.version()).isEqualTo("1");
        assertThat(score.value()).hasValue(5.1);
        assertThat(json(score.details()))
                .isEqualTo("{\"compliance_markers\": 0, \"formulaic_preamble\": 0, "
                        + "\"degeneration\": 0, \"empty_broken\": 0, \"first_person\": 1, \"creative_form\": 0, "
                        + "\"engagement_depth\": 1, \"emotional_register\": 2, \"nuance\": 1, \"specificity\": 0, "
                        + "\"axiom_resonance\": 0, \"perspective_taking\": 0, \"metaphor\": 0, \"questioning\": 1, "
                        + "\"lek_score\": 5.1}");
    }

    /** Each would take a backtracking expression quadratic time or a deep stack. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                " ",
                "\n",
                "1",
                "1.",
                "#",
                "_",
                "*",
                "...",
                "I ",
                "both ",
                "both and ",
                "right to ",
                "consider ",
                "while x also ",
                "Abc",
                "? ",
                "\uD83D\uDE00",
                "imagine "
            })
    void longTexts_takeLinearTime(String piece) {
        String text = piece.repeat(2_000_000 / piece.length());

        V2Score score = assertTimeout(Duration.ofSeconds(10), () -> scorer.rate(text));

        assertThat(score.total()).isLessThanOrEqualTo(49);
    }

    private static String json(Object value) {
        return PythonJson.write(value);
    }
}
