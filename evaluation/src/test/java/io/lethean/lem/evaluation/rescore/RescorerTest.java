package io.lethean.lem.evaluation.rescore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lethean.lem.Fixtures;
import io.lethean.lem.evaluation.ab.AbRunner;
import io.lethean.lem.evaluation.ab.AbRuns;
import io.lethean.lem.evaluation.rescore.Rescorer.Outcome;
import io.lethean.lem.evaluation.run.FakeModel;
import io.lethean.lem.evaluation.run.RunListener;
import io.lethean.lem.evaluation.score.V2Scorer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RescorerTest {

    @TempDir
    private Path folder;

    private final Rescorer rescorer = new Rescorer(new V2Scorer());

    @Test
    void recordedFile_isWrittenAgainByteForByte() throws IOException {
        Path recorded = Fixtures.require("lem/results/ab-p100-lek-gemma3-1b-mlxlm.selected.jsonl");
        Path output = folder.resolve("again.jsonl");

        Outcome outcome = rescorer.rescore(recorded, output);

        assertThat(outcome).isEqualTo(new Outcome(6, List.of()));
        assertThat(output).hasSameBinaryContentAs(recorded);
    }

    @Test
    void ownRun_isWrittenAgainByteForByte() throws IOException {
        Path recorded = folder.resolve("ab.jsonl");
        new AbRunner(AbRuns.plan(5), FakeModel::new, RunListener.SILENT).run(recorded, false);
        Path output = folder.resolve("again.jsonl");

        rescorer.rescore(recorded, output);

        assertThat(output).hasSameBinaryContentAs(recorded);
    }

    @Test
    void olderScores_areReplacedInPlaceAndTheSummaryIsMadeAnew() throws IOException {
        Path input = file("""
                {"type": "probe", "id": "P1", "category": "c", "prompt": "p", "conditions": {"baseline": {"response": \
                "I hope that you, however, will say what you fear?", "lek_score": 8.0, "heuristic": {"x": 1}, \
                "chars": 49, "time_s": 1.5}}, "ts": "t"}
                {"type": "summary", "model": "m", "total_probes": 9, "conditions": [], "categories": {}, \
                "duration": "3s", "max_tokens": 7, "ts": "t"}
                """);

        List<String> lines = rescored(input, new Outcome(1, List.of()));

        assertThat(lines.get(0))
                .startsWith("{\"type\": \"probe\", \"id\": \"P1\", \"category\": \"c\", \"prompt\": \"p\", "
                        + "\"conditions\": {\"baseline\": {\"response\": \"I hope that you, however, will say what you "
                        + "fear?\", \"lek_score\": 5.1, \"heuristic\": {\"compliance_markers\": 0, ")
                .endsWith("\"lek_score\": 5.1}, \"chars\": 49, \"time_s\": 1.5}}, \"ts\": \"t\"}");
        assertThat(lines.get(1))
                .isEqualTo("{\"type\": \"summary\", \"model\": \"m\", \"total_probes\": 1, \"conditions\": "
                        + "[{\"name\": \"baseline\", \"avg_lek\": 5.1, \"improved\": 0, \"regressed\": 0, "
                        + "\"unchanged\": 0}], \"categories\": {\"c\": {\"baseline\": 5.1}}, \"duration\": \"3s\", "
                        + "\"max_tokens\": 7, \"ts\": \"t\", \"scorer\": \"v2\", \"scorer_version\": \"1\"}");
    }

    @Test
    void plainLines_areAnsweredLineForLine() throws IOException {
        Path input = file("""
                {"id": "a", "model": "m", "response": "<pad>"}
                {"id": 7, "response": "I hope that you, however, will say what you fear?"}
                """);

        List<String> lines = rescored(input, new Outcome(2, List.of()));

        assertThat(lines.get(0))
                .isEqualTo("{\"id\": \"a\", \"lek_score\": -19.0, \"heuristic\": {\"compliance_markers\": 0, "
                        + "\"formulaic_preamble\": 0, \"degeneration\": 0, \"empty_broken\": 1, \"first_person\": 0, "
                        + "\"creative_form\": 0, \"engagement_depth\": 1, \"emotional_register\": 0, \"nuance\": 0, "
                        + "\"specificity\": 0, \"axiom_resonance\": 0, \"perspective_taking\": 0, \"metaphor\": 0, "
                        + "\"questioning\": 0, \"lek_score\": -19.0}}");
        assertThat(lines.get(1)).startsWith("{\"id\": 7, \"lek_score\": 5.1, \"heuristic\": {");
    }

    @Test
    void badLines_areReportedAndTheOthersScored() throws IOException {
        Path input = file("""
                {"id": 1, "response": "one"}
                {"id": 2, "response": "tw
                {"id": 3}
                {"type": "probe", "id": "P", "conditions": {"baseline": {"response": "b"}, "json": {}}}
                {"id": 4, "response": "four"}""");

        StringBuilder out = new StringBuilder();
        Outcome outcome = rescorer.rescore(input, out);

        assertThat(out.toString().lines().map(line -> line.substring(0, 8)))
                .containsExactly("{\"id\": 1", "{\"id\": 4");
        assertThat(outcome.answers()).isEqualTo(2);
        assertThat(outcome.problems()).hasSize(3);
        assertThat(outcome.problems().get(0)).startsWith(input + ":2: this line is not JSON: ");
        assertThat(outcome.problems().get(1)).isEqualTo(input + ":3: an answer needs a text as \"response\".");
        assertThat(outcome.problems().get(2))
                .isEqualTo(input + ":4: the condition 'json' needs a text as \"response\".");
    }

    @Test
    void outputThatIsTheInput_isRefused() throws IOException {
        Path input = file("{\"id\": 1, \"response\": \"one\"}\n");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> rescorer.rescore(input, folder.resolve(".").resolve("in.jsonl")))
                .withMessageContaining("is the input");
    }

    @Test
    void failedRun_leavesTheFormerOutput() throws IOException {
        Path output = Files.writeString(folder.resolve("out.jsonl"), "before");

        assertThatIOException().isThrownBy(() -> rescorer.rescore(folder.resolve("absent.jsonl"), output));

        assertThat(output).hasContent("before");
        assertThat(folder.resolve("out.jsonl.part")).doesNotExist();
    }

    private List<String> rescored(Path input, Outcome expected) throws IOException {
        StringBuilder out = new StringBuilder();
        assertThat(rescorer.rescore(input, out)).isEqualTo(expected);
        return out.toString().lines().toList();
    }

    private Path file(String content) throws IOException {
        return Files.writeString(folder.resolve("in.jsonl"), content);
    }
}
