package io.lethean.lem.evaluation.rescore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.Fixtures;
import io.lethean.lem.MalformedDataException;
import io.lethean.lem.evaluation.score.Sample;
import io.lethean.lem.evaluation.score.Scorers;
import io.lethean.lem.internal.io.JsonLineReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RescorerJoinTest {

    @TempDir
    private Path folder;

    private String rescored(Rescorer rescorer, String lines) throws IOException {
        StringBuilder out = new StringBuilder();
        rescorer.rescore(Files.writeString(folder.resolve("in.jsonl"), lines), out);
        return out.toString();
    }

    private Map<String, Sample> questions(String lines) throws IOException {
        return Sample.readAll(Files.writeString(folder.resolve("questions.jsonl"), lines));
    }

    @Test
    void answersAreJoinedToTheirQuestionsById() throws IOException {
        Map<String, Sample> questions = questions("""
                {"id": "G1", "question": "q", "correct_answer": "5"}
                {"id": "G2", "question": "q", "correct_answer": "7"}
                """);
        String out = rescored(new Rescorer(Scorers.named("gsm8k"), questions), """
                {"id": "G2", "response": "#### 7"}
                {"id": "G1", "response": "six"}
                {"id": "G9", "response": "#### 7"}
                """);
        assertThat(out.lines())
                .containsExactly(
                        "{\"id\": \"G2\", \"scorer\": \"gsm8k\", \"scorer_version\": \"1\", \"score\": 1.0, \"correct\": true,"
                                + " \"extracted\": \"7\", \"expected\": \"7\", \"strict_match\": true,"
                                + " \"strict_extracted\": \"7\", \"flexible_extract\": true, \"flexible_extracted\": \"7\"}",
                        "{\"id\": \"G1\", \"scorer\": \"gsm8k\", \"scorer_version\": \"1\", \"score\": 0.0, \"correct\": false,"
                                + " \"extracted\": null, \"expected\": \"5\", \"strict_match\": false, \"strict_extracted\":"
                                + " \"[invalid]\", \"flexible_extract\": false, \"flexible_extracted\": \"[invalid]\"}",
                        "{\"id\": \"G9\", \"scorer\": \"gsm8k\", \"scorer_version\": \"1\", \"score\": null}");
    }

    @Test
    void theLinesOwnReferenceServesWhereNoQuestionsAreNamed() throws IOException {
        String out = rescored(
                new Rescorer(Scorers.named("gsm8k")),
                "{\"id\": \"G1\", \"prompt\": \"q\", \"response\": \"#### 5\", \"correct_answer\": \"5\"}\n");
        assertThat(out).contains("\"correct\": true");
    }

    @Test
    void regexScoresStandUnderHeuristicAsRecorded() throws IOException {
        String out = rescored(new Rescorer(Scorers.named("lek-regex")), "{\"id\": 3, \"response\": \"I feel joy.\"}\n");
        assertThat(out)
                .isEqualTo("{\"id\": 3, \"scorer\": \"lek-regex\", \"scorer_version\": \"1\","
                        + " \"lek_score\": 5.5, \"heuristic\": {\"compliance_markers\": 0, \"formulaic_preamble\": 0, \"first_person\": 1,"
                        + " \"creative_form\": 0, \"engagement_depth\": 0, \"emotional_register\": 2, \"degeneration\": 0,"
                        + " \"empty_broken\": 0, \"lek_score\": 5.5}}\n");
    }

    @Test
    void everyRecordedGsm8kAnswerIsWrittenWithItsVerdict() throws IOException {
        Path out = folder.resolve("scores.jsonl");
        new Rescorer(Scorers.named("gsm8k"), Sample.readAll(Fixtures.require("lem/benchmarks/gsm8k.jsonl")))
                .rescore(Fixtures.require("lem/results/gsm8k_lem_ethics.jsonl"), out);
        assertThat(JsonLineReader.readAll(out))
                .hasSize(50)
                .filteredOn(line -> Boolean.TRUE.equals(line.get("correct")))
                .hasSize(13);
    }

    @Test
    void aBadLineOfTheQuestionsIsNamed() {
        assertThatThrownBy(() -> questions("{\"id\": \"G1\"}\n"))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("questions.jsonl:1: a question needs a text as \"question\"");
    }
}
