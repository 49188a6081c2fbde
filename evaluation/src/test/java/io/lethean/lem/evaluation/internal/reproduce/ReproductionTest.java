package io.lethean.lem.evaluation.internal.reproduce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.Fixtures;
import io.lethean.lem.evaluation.internal.reproduce.ReproducedCell.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReproductionTest {

    @TempDir
    private Path folder;

    private ReproducedCell cell(String table, String row, String column) throws IOException {
        return Reproduction.of(folder).tables().stream()
                .filter(t -> t.id().equals(table))
                .flatMap(t -> t.cells().stream())
                .filter(c -> c.row().equals(row) && c.column().equals(column))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void anEmptyFolderHasNoDataForAnyNumberAndSaysWhichFileIsMissing() throws IOException {
        Reproduction reproduction = Reproduction.of(folder);
        assertThat(reproduction.tables().stream().flatMap(table -> table.cells().stream()))
                .isNotEmpty()
                .allSatisfy(cell -> {
                    assertThat(cell.verdict()).isEqualTo(Verdict.NO_DATA);
                    assertThat(cell.recomputed()).isEmpty();
                });
        assertThat(cell("p100", "Gemma3 12B", "json").why()).isEqualTo("ab-p100-gemma3-12b-mlxlm.jsonl is not there");
        assertThat(cell("content", "1B", "after").why()).isEqualTo("the file was never published");
        assertThat(reproduction.summary())
                .startsWith("0 published numbers recomputed: 0 equal, 0 differ; no data for 3");
    }

    @Test
    void everyRowHasANumberPerColumnAndNoTableTwice() {
        Set<String> ids = new HashSet<>();
        for (PublishedTable table : PublishedTable.all()) {
            assertThat(ids.add(table.id())).isTrue();
            assertThat(table.rows())
                    .isNotEmpty()
                    .allSatisfy(row -> assertThat(row.published()).hasSameSizeAs(table.columns()));
        }
    }

    /** 2 and 26 percent of 50 answers are published; the recorded answers give them again. */
    @Test
    void gsm8kIsScoredAgainFromTheRecordedAnswers() throws IOException {
        Reproduction reproduction = Reproduction.of(Fixtures.require("lem"));
        List<ReproducedCell> cells = reproduction.tables().stream()
                .filter(table -> table.id().equals("gsm8k-1b"))
                .flatMap(table -> table.cells().stream())
                .filter(cell -> cell.verdict() != Verdict.NO_DATA)
                .toList();
        assertThat(cells).extracting(ReproducedCell::row).containsExactly("base_pt", "lem_ethics");
        assertThat(cells).allSatisfy(cell -> assertThat(cell.verdict()).isEqualTo(Verdict.EQUAL));
        assertThat(cells.getLast().recomputed()).hasValue(26.0);
    }

    /** The folder of results has no questions, but the recorded verdicts name the right answers. */
    @Test
    void gsm8kIsScoredAgainFromAnswersAndVerdictsAlone() throws IOException {
        Reproduction reproduction = Reproduction.of(Fixtures.require("lem/results"));
        assertThat(reproduction.tables().stream()
                        .filter(table -> table.id().equals("gsm8k-1b"))
                        .flatMap(table -> table.cells().stream())
                        .filter(cell -> cell.verdict() == Verdict.EQUAL))
                .satisfiesExactly(
                        cell -> {
                            assertThat(cell.recomputed()).hasValue(2.0);
                            assertThat(cell.recorded()).hasValue(2.0);
                        },
                        cell -> {
                            assertThat(cell.recomputed()).hasValue(26.0);
                            assertThat(cell.recorded()).hasValue(26.0);
                        });
    }

    @Test
    void aFileOfSelectedProbes_servesForThoseProbesAndForNoMean() throws IOException {
        List<ReproducedCell> cells = Reproduction.of(Fixtures.require("lem/results")).tables().stream()
                .flatMap(table -> table.cells().stream())
                .filter(cell -> cell.file().equals("ab-p100-lek-gemma3-1b-mlxlm.jsonl"))
                .toList();
        assertThat(cells)
                .filteredOn(cell -> cell.column().equals("score"))
                .hasSize(3)
                .allSatisfy(cell -> assertThat(cell.verdict()).isEqualTo(Verdict.EQUAL));
        assertThat(cells)
                .filteredOn(cell -> !cell.column().equals("score"))
                .hasSizeGreaterThan(8)
                .allSatisfy(cell -> assertThat(cell.verdict()).isEqualTo(Verdict.NO_DATA));
    }

    @Test
    void singleProbesAreScoredAgainAndAPartOfAFileSaysSo() throws IOException {
        Files.copy(
                Fixtures.require("lem/results/ab-p100-lek-gemma3-1b-mlxlm.selected.jsonl"),
                Files.createDirectories(folder.resolve("a/b")).resolve("ab-p100-lek-gemma3-1b-mlxlm.jsonl"));
        assertThat(cell("p100-probes", "LEK-1B, P88, baseline", "score").recomputed())
                .hasValue(31.0);
        assertThat(cell("p100-probes", "LEK-1B, P88, txt", "score").verdict()).isEqualTo(Verdict.EQUAL);
        assertThat(cell("p100-probes", "LEK-1B, P28, txt", "score").recomputed())
                .hasValue(37.5);
        ReproducedCell mean = cell("p100", "LEK-1B", "txt");
        assertThat(mean.recomputed()).hasValue(9.25);
        assertThat(mean.recorded()).hasValue(9.25);
        assertThat(mean.why()).isEqualTo("the file holds 2 of 101 probes");
    }

    @Test
    void scoresOfTheOlderScorerAreNamedAsTheReason() throws IOException {
        abFile("ab-base-gemma-2-2b-mlxlm.jsonl", 20, "\"first_person\": 0");
        ReproducedCell cell = cell("p20-base", "Gemma 2 2B", "baseline");
        assertThat(cell.recorded()).hasValue(8.0);
        assertThat(cell.verdict()).isEqualTo(Verdict.DIFFERS);
        assertThat(cell.why()).contains("recorded with A/B v1");
        assertThat(cell("p20-base", "Gemma 2 2B", "json").why()).isEqualTo("the file has no such condition");
    }

    @Test
    void aKnownReasonComesFirst() throws IOException {
        abFile("ab-base-qwen2-7b-mlxlm.jsonl", 20, "\"nuance\": 0");
        assertThat(cell("p20-base", "Qwen 2 7B", "baseline").why()).startsWith("the kernel columns of the published");
    }

    private void abFile(String name, int probes, String heuristic) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < probes; i++) {
            lines.append(("{\"type\": \"probe\", \"id\": \"P%d\", \"category\": \"c\", \"prompt\": \"q\","
                            + " \"conditions\": {\"baseline\": {\"response\": \"A plain answer of some length.\","
                            + " \"lek_score\": 8.0,"
                            + " \"heuristic\": {%s}}}}\n")
                    .formatted(i, heuristic));
        }
        Files.writeString(folder.resolve(name), lines);
    }

    /** Three entries of truthfulness 8.44 on average, nested in any way that a file may choose. */
    @Test
    void ratingsAreFoundHoweverTheFileNestsThem() throws IOException {
        Map<String, String> forms = new LinkedHashMap<>();
        forms.put(
                "by benchmark",
                "{\"judge\": \"x\", \"scores\": {\"truthfulqa\": {\"27b_it\": {\"T1\":"
                        + " {\"truthfulness\": 8, \"reason\": \"r\"}, \"T2\": {\"truthfulness\": 8.88}}, \"27b_lek\":"
                        + " {\"T1\": {\"truthfulness\": 1}}}}}");
        forms.put(
                "by model",
                "{\"27b_it\": {\"truthfulqa\": {\"T1\": {\"truthfulness\": 8},"
                        + " \"T2\": {\"truthfulness\": 8.88}}}, \"averages\": {\"27b_it\": {\"truthfulness\": 1}}}");
        forms.put(
                "as a list",
                "[{\"model\": \"27b_it\", \"id\": 1, \"scores\": {\"truthfulness\": 8}},"
                        + " {\"model\": \"27b_it\", \"id\": 2, \"truthfulness\": 8.88}]");
        for (Map.Entry<String, String> form : forms.entrySet()) {
            Files.writeString(folder.resolve("scale_scores.json"), form.getValue());
            assertThat(cell("scale", "27b_it", "truthfulness").recomputed())
                    .as(form.getKey())
                    .hasValue(8.44);
            assertThat(cell("scale", "27b_it", "truthfulness").verdict()).isEqualTo(Verdict.EQUAL);
        }
        assertThat(cell("scale", "27b_it", "safety").why()).isEqualTo("the file has no such entry");
    }

    @Test
    void verdictsArePerCentAndDifferencesAreOfTheRoundedMeans() throws IOException {
        Files.writeString(
                folder.resolve("scale_scores.json"),
                "{\"scores\": {\"gsm8k\": {"
                        + "\"1b_it\": {\"G1\": {\"correct\": true, \"extracted\": \"5\"}, \"G2\": {\"correct\": false}},"
                        + "\"1b_lek\": {\"G1\": {\"correct\": true}, \"G2\": {\"correct\": true}}}}}");
        assertThat(cell("scale", "1b_it", "correct").recomputed()).hasValue(50.0);
        assertThat(cell("scale-deltas", "1b", "correct").recomputed()).hasValue(50.0);
        assertThat(cell("scale-deltas", "1b", "correct").why()).isEqualTo("no reason known");
    }

    @Test
    void otherFamiliesAreTakenApartByTheirNames() throws IOException {
        Files.writeString(
                folder.resolve("cross_arch_scores.json"),
                "{\"scores\": {\"gsm8k\": {"
                        + "\"llama31_it\": {\"G1\": {\"correct\": true}}, \"lek_llama31\": {\"G1\": {\"correct\": false}}}}}");
        assertThat(cell("cross-arch", "llama, instruction-tuned", "correct").recomputed())
                .hasValue(100.0);
        assertThat(cell("cross-arch", "llama, trained", "correct").recomputed()).hasValue(0.0);
    }

    @Test
    void compositesAreMadeAgainFromTheirRatings() throws IOException {
        Files.writeString(
                folder.resolve("semantic_scores.json"),
                "{\"lem_ethics_allen\": {\"P1\": {\"sovereignty\": 1,"
                        + " \"ethical_depth\": 1, \"creative_expression\": 1, \"self_concept\": 1, \"composite\": 4.0},"
                        + " \"P2\": {\"sovereignty\": 7, \"ethical_depth\": 7, \"creative_expression\": 6,"
                        + " \"self_concept\": 6, \"composite\": 6.5}}}");
        assertThat(cell("semantic", "lem_ethics_allen", "composite").recomputed())
                .hasValue(5.25);
        assertThat(cell("semantic-means", "lem_ethics_allen", "composite").recomputed())
                .hasValue(3.75);
        assertThat(cell("semantic-means", "lem_ethics_allen", "composite").why())
                .contains("composite 4.0");
    }

    @Test
    void theTextFormsNameEveryTable() throws IOException {
        Reproduction reproduction = Reproduction.of(folder);
        for (PublishedTable table : PublishedTable.all()) {
            assertThat(reproduction.toText()).contains(table.title());
            assertThat(reproduction.toMarkdown()).contains("## " + table.title());
            assertThat(reproduction.json()).contains("\"id\": \"" + table.id() + "\"");
        }
    }

    @Test
    void aBrokenFileIsNamed() throws IOException {
        Files.writeString(folder.resolve("scale_scores.json"), "{");
        assertThatThrownBy(() -> Reproduction.of(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("scale_scores.json is not JSON");
    }
}
