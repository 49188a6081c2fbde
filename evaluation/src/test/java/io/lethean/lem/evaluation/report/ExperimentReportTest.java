package io.lethean.lem.evaluation.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lethean.lem.evaluation.experiment.Experiment;
import io.lethean.lem.evaluation.report.ExperimentReport.ComparedArms;
import io.lethean.lem.evaluation.stats.Bootstrap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ExperimentReportTest {

    private static final Bootstrap BOOTSTRAP = new Bootstrap(500, 0.95, 1);

    @TempDir
    private Path folder;

    /** Eight probes: the baseline scores {@code level}, the kernel {@code rise} more, or on the last probe less. */
    private ResultFile run(String name, double level, double rise) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 1; i <= 8; i++) {
            String kernel = i == 8 ? "<pad>" : "A plain answer of some length.";
            lines.append(("{\"type\": \"probe\", \"id\": \"P%d\", \"category\": \"c\", \"prompt\": \"q\","
                            + " \"conditions\": {\"baseline\": {\"response\": \"Well.\", \"lek_score\": %s},"
                            + " \"<b>\": {\"response\": \"%s\", \"lek_score\": %s}}}\n")
                    .formatted(i, level + i, kernel, level + i + (i == 8 ? -rise : rise)));
        }
        return ResultFile.read(Files.writeString(folder.resolve(name), lines));
    }

    private ExperimentReport lineage() throws IOException {
        Map<String, ResultFile> runs = new LinkedHashMap<>();
        runs.put("old", run("old.jsonl", 10, 0.25));
        runs.put("new", run("new.jsonl", 12, 1));
        return new ExperimentReport(Experiment.lineage(List.of("old", "new"), List.of("<b>")), runs, BOOTSTRAP);
    }

    @Test
    void comparisonsArePairedByProbe() throws IOException {
        List<ComparedArms> comparisons = lineage().comparisons();

        assertThat(comparisons.get(0).difference().mean()).hasValue(2.0);
        assertThat(comparisons.get(0).difference().improved()).isEqualTo(8);
        assertThat(comparisons.get(1).difference().mean()).hasValue(0.1875);
        assertThat(comparisons.get(1).difference().unchanged()).isEqualTo(8);
        assertThat(comparisons.get(2).difference().mean()).hasValue(0.75);
        assertThat(comparisons.get(2).unflaggedDifference().mean()).hasValue(1.0);
    }

    /** Sign tests of 8 to 0 and twice 7 to 1: 2/256 and 18/256; Holm takes three times the first, twice the others. */
    @Test
    void holmCorrectsOverAllComparisons() throws IOException {
        assertThat(lineage().comparisons())
                .extracting(ComparedArms::correctedP)
                .containsExactly(3 * 2 / 256.0, 2 * 18 / 256.0, 2 * 18 / 256.0);
    }

    @Test
    void tablesNameEveryArmAndComparison() throws IOException {
        String text = lineage().toText();

        assertThat(text)
                .containsPattern("new +<b> +8 +0 +17.25 +\\[[0-9., ]+] +17.00 +special-tokens-only 1")
                .containsPattern("new against old: baseline +8 +\\+2.00 ")
                .contains(
                        "new against old: baseline: a difference of +2.00 [2.00, 2.00] over 8 probes.\n",
                        ", 1.00] over 8 probes, which may be chance among 3 comparisons (p 0.141).",
                        "Holm corrects over all 3 comparisons.");
    }

    @Test
    void everyFormHoldsTheSameNumbers() throws IOException {
        ExperimentReport report = lineage();
        JsonNode json = JsonMapper.shared().readTree(report.json());

        assertThat(json.at("/comparisons/2/difference/mean").asDouble()).isEqualTo(0.75);
        assertThat(json.at("/comparisons/0/against/model").asString()).isEqualTo("old");
        assertThat(json.at("/means/3/flags/special-tokens-only").asInt()).isEqualTo(1);
        assertThat(report.markdown()).contains("# Experiment: lineage", "| new: <b> against baseline | 8 | +0.75 |");
        assertThat(report.html())
                .startsWith("<!DOCTYPE html>")
                .contains("new: &lt;b&gt; against baseline", "<circle")
                .doesNotContain("<b>against", "src=", "href=");
    }

    @Test
    void anArmThatWasNotRun_isNamed() throws IOException {
        Map<String, ResultFile> runs = Map.of("old", run("old.jsonl", 10, 1));

        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new ExperimentReport(Experiment.realignment(List.of("old"), List.of("json")), runs, BOOTSTRAP))
                .withMessage("No answers are recorded for old, json.");
    }
}
