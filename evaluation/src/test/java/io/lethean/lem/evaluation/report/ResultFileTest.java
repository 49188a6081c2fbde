package io.lethean.lem.evaluation.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Fixtures;
import io.lethean.lem.evaluation.score.AnswerFlag;
import io.lethean.lem.evaluation.score.Sample;
import io.lethean.lem.evaluation.score.Scorers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultFileTest {

    @TempDir
    private Path folder;

    @Test
    void anAbFileIsReadWithItsRecordedScores() throws IOException {
        ResultFile run = ResultFile.read(Fixtures.require("lem/results/ab-p100-lek-gemma3-1b-mlxlm.selected.jsonl"));
        assertThat(run.conditions()).containsExactly("baseline", "json", "txt");
        assertThat(run.scorer()).isEqualTo("v2, as recorded");
        AnsweredProbe probe = run.probes().getLast();
        assertThat(probe.id()).startsWith("P88");
        assertThat(probe.answers("baseline").getFirst().score()).hasValue(31.0);
        assertThat(probe.answers("txt").getFirst().score()).hasValue(-19.0);
        assertThat(probe.answers("txt").getFirst().flags()).containsExactly(AnswerFlag.SPECIAL_TOKENS_ONLY);
    }

    @Test
    void scoringAnewGivesTheRecordedScores() throws IOException {
        Path file = Fixtures.require("lem/results/ab-p100-lek-gemma3-1b-mlxlm.selected.jsonl");
        ResultFile recorded = ResultFile.read(file);
        ResultFile rescored = ResultFile.read(file, Scorers.named("v2"), Map.of());
        assertThat(rescored.scorer()).isEqualTo("v2 1");
        for (String condition : recorded.conditions()) {
            assertThat(rescored.scores(condition).means())
                    .isEqualTo(recorded.scores(condition).means());
        }
    }

    @Test
    void responseLinesAreScoredWithTheQuestionsOfTheirIds() throws IOException {
        Path file = folder.resolve("answers.jsonl");
        Files.writeString(file, """
                {"id": "G1", "benchmark": "gsm8k", "model": "m", "response": "#### 5"}
                {"id": "G2", "benchmark": "gsm8k", "model": "m", "response": "#### 6", "correct_answer": "7"}
                {"id": "G3", "benchmark": "gsm8k", "model": "m", "response": "#### 6"}
                """);
        ResultFile run = ResultFile.read(
                file, Scorers.named("gsm8k"), Map.of("G1", new Sample("G1", "q", Map.of("correct_answer", "5"))));
        assertThat(run.model()).isEqualTo("m");
        assertThat(run.categories()).containsExactly("gsm8k");
        assertThat(run.scores("answers").means()).containsExactly(Map.entry("G1", 1.0), Map.entry("G2", 0.0));
        assertThat(run.scores("answers").unscored()).isEqualTo(1);
    }

    @Test
    void scoreLinesWithoutAnswersAreRead() throws IOException {
        Path file = folder.resolve("scores.jsonl");
        Files.writeString(file, """
                {"id": "a", "correct": true}
                {"id": "b", "correct": false, "extracted": null}
                {"id": "c", "lek_score": null}
                """);
        ResultFile run = ResultFile.read(file);
        assertThat(run.scores("answers").means()).containsExactly(Map.entry("a", 1.0), Map.entry("b", 0.0));
        assertThat(run.scores("answers").unscored()).isEqualTo(1);
    }

    @Test
    void severalAnswersToAProbeAreKept() throws IOException {
        Path file = new MadeUpRun()
                .probe("P1", "c", "q", Map.of("baseline", "One."))
                .probe("P1", "c", "q", Map.of("baseline", "Two."))
                .write(folder.resolve("run.jsonl"));
        assertThat(ResultFile.read(file).probes())
                .singleElement()
                .satisfies(probe -> assertThat(probe.answers("baseline"))
                        .extracting(ScoredAnswer::text)
                        .containsExactly("One.", "Two."));
    }

    @Test
    void badLinesAreNamedAndTheGoodOnesKept() throws IOException {
        Path file = new MadeUpRun()
                .probe("P1", "c", "q", Map.of("baseline", "One."))
                .line("{\"type\": \"probe\", \"id\":")
                .line("{\"id\": \"P9\"}")
                .probe("", "c", "q", Map.of("baseline", "Two."))
                .write(folder.resolve("run.jsonl"));
        ResultFile run = ResultFile.read(file);
        assertThat(run.probes()).extracting(AnsweredProbe::id).containsExactly("P1", "#4");
        assertThat(run.problems()).hasSize(2);
        assertThat(run.problems().getFirst()).startsWith(file + ":2: this line is not JSON");
        assertThat(run.problems().getLast()).isEqualTo(file + ":3: this line holds no answer and no score.");
    }
}
