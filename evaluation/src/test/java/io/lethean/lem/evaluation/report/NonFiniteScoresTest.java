package io.lethean.lem.evaluation.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.evaluation.experiment.Experiment;
import io.lethean.lem.evaluation.rescore.Rescorer;
import io.lethean.lem.evaluation.score.Scorers;
import io.lethean.lem.evaluation.stats.Bootstrap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Answer files with scores that are NaN, infinite, or too large for a mean. */
class NonFiniteScoresTest {

    private static final Bootstrap BOOTSTRAP = new Bootstrap(500, 0.95, 1);
    private static final List<String> BAD = List.of("NaN", "Infinity", "-Infinity", "1e308");

    @TempDir
    private Path folder;

    /** Six probes with good scores; the first four have a bad one under the condition {@code k}. */
    private Path abFile() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 6; i++) {
            lines.append(
                    ("{\"type\": \"probe\", \"id\": \"P%s\", \"category\": \"c\", \"prompt\": \"q\", \"conditions\":"
                                    + " {\"baseline\": {\"response\": \"Well.\", \"lek_score\": %s.5},"
                                    + " \"k\": {\"response\": \"Why?\", \"lek_score\": %s}}}\n")
                            .formatted(i, i, i < BAD.size() ? BAD.get(i) : i + 1));
        }
        return Files.writeString(folder.resolve("ab.jsonl"), lines);
    }

    @Test
    void aScoreThatIsNotFinite_isUnscoredAndNamedWithFileLineProbeAndCondition() throws IOException {
        Path file = abFile();
        ResultFile run = ResultFile.read(file);

        assertThat(run.problems()).isEmpty();
        assertThat(run.notes()).hasSize(4);
        assertThat(run.notes().get(1))
                .isEqualTo(file + ":2: probe P1, condition k: the score is Infinity and cannot be used; the answer is"
                        + " unscored.");
        assertThat(run.scores("k").unscored()).isEqualTo(4);
        assertThat(run.scores("k").means()).containsExactly(Map.entry("P4", 5.0), Map.entry("P5", 6.0));
        assertThat(run.scores("baseline").unscored()).isZero();
    }

    @Test
    void everyFormOfAReportIsMadeFromTheOtherScores() throws IOException {
        RunReport report = new RunReport(ResultFile.read(abFile()), BOOTSTRAP);

        assertThat(report.conditions().get(1).mean().mean()).hasValue(5.5);
        assertThat(report.conditions().get(1).difference().orElseThrow().mean()).hasValue(0.5);
        assertThat(report.toText()).doesNotContain("NaN").doesNotContain("Infinity");
        assertThat(report.csv()).doesNotContain("NaN").doesNotContain("Infinity");
        assertThat(report.markdown()).contains("\nab.jsonl:1: probe P0, condition k: the score is NaN");
        assertThat(report.html())
                .contains("<h2>Values that could not be used</h2>")
                .contains("<li>ab.jsonl:4: probe P3, condition k: the score is 1.0E308 and cannot be used");
        JsonNode json = new ObjectMapper().readTree(report.json());
        assertThat(json.at("/conditions/1/all/unscored").asInt()).isEqualTo(4);
        assertThat(json.at("/problems").size()).isEqualTo(4);
    }

    @Test
    void comparisonsAndExperimentsAreMadeFromTheOtherScores() throws IOException {
        ResultFile run = ResultFile.read(abFile());

        ResultComparison comparison = new ResultComparison(run, run, BOOTSTRAP);
        assertThat(comparison.rows().get(1).difference().differences()).containsOnlyKeys("P4", "P5");
        assertThat(comparison.toText()).doesNotContain("NaN");
        ExperimentReport report = new ExperimentReport(
                Experiment.lineage(List.of("a", "b"), List.of("k")), Map.of("a", run, "b", run), BOOTSTRAP);
        assertThat(report.toText()).contains("ab.jsonl:3: probe P2, condition k: the score is -Infinity");
        assertThat(report.markdown()).contains("ab.jsonl:3: probe P2");
        assertThat(report.html()).contains("ab.jsonl:3: probe P2");
        assertThat(new ObjectMapper().readTree(report.json()).at("/means").size())
                .isEqualTo(4);
    }

    @Test
    void aFileWithNothingElse_hasNoMean() throws IOException {
        Path file = Files.writeString(folder.resolve("s.jsonl"), """
                {"id": "a", "score": NaN}
                {"id": "b", "scored": {"score": Infinity}, "response": "x"}
                {"id": "c", "value": -Infinity}
                """);
        RunReport report = new RunReport(ResultFile.read(file), BOOTSTRAP);

        assertThat(report.conditions().getFirst().mean().unscored()).isEqualTo(3);
        assertThat(report.conditions().getFirst().mean().mean()).isEmpty();
        assertThat(report.toText()).doesNotContain("NaN");
    }

    @Test
    void aSignalThatIsNotFinite_isLeftOutAndNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("h.jsonl"), """
                {"id": "a", "response": "x", "lek_score": 1.0, "heuristic": {"nuance": NaN, "metaphor": 2}}
                """);
        ResultFile run = ResultFile.read(file);

        assertThat(run.probes().getFirst().answers("answers").getFirst().signals())
                .containsExactly(Map.entry("metaphor", 2.0));
        assertThat(run.notes())
                .containsExactly(file + ":1: probe a, condition answers: the value of nuance is NaN and cannot be used;"
                        + " it is left out.");
        assertThat(new RunReport(run, BOOTSTRAP).html()).contains("h.jsonl:1: probe a");
    }

    @Test
    void aFileIsScoredAgain() throws IOException {
        Path output = folder.resolve("again.jsonl");
        Rescorer.Outcome outcome = new Rescorer(Scorers.named("v2")).rescore(abFile(), output);

        assertThat(outcome.answers()).isEqualTo(12);
        assertThat(outcome.problems()).isEmpty();
        assertThat(ResultFile.read(output).scores("k").unscored()).isZero();
    }
}
