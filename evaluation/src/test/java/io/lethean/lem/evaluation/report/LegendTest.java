package io.lethean.lem.evaluation.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.evaluation.experiment.Experiment;
import io.lethean.lem.evaluation.rescore.ScoreMeans;
import io.lethean.lem.evaluation.score.Score;
import io.lethean.lem.evaluation.stats.Bootstrap;
import io.lethean.lem.evaluation.stats.ConditionMean;
import io.lethean.lem.evaluation.stats.IntervalMethod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LegendTest {

    private static final Bootstrap BOOTSTRAP = Bootstrap.defaults();

    @TempDir
    private Path folder;

    private ResultFile run() throws IOException {
        return ResultFile.read(MadeUpRun.large().write(folder.resolve("run.jsonl")));
    }

    /** The answers of a benchmark with verdicts: 7 of 10 are right. */
    private ResultFile verdicts() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 10; i++) {
            lines.append("{\"id\": \"q%s\", \"scorer\": \"gsm8k\", \"score\": %s, \"correct\": %s}\n"
                    .formatted(i, i < 7 ? "1.0" : "0.0", i < 7));
        }
        return ResultFile.read(Files.writeString(folder.resolve("gsm8k.jsonl"), lines));
    }

    private static Set<String> headings(Table... tables) {
        Set<String> headings = new TreeSet<>();
        for (Table table : tables) {
            headings.addAll(table.headings().subList(1, table.headings().size()));
        }
        headings.remove("condition");
        return headings;
    }

    private static Set<String> explained(Table legend) {
        Set<String> explained = new TreeSet<>();
        legend.rows().forEach(row -> explained.add(row.getFirst()));
        return explained;
    }

    @Test
    void everyColumnOfEveryTableIsExplained() throws IOException {
        RunReport report = new RunReport(run(), BOOTSTRAP);
        ResultComparison comparison = new ResultComparison(run(), run(), BOOTSTRAP);
        ExperimentReport experiment = new ExperimentReport(
                Experiment.lineage(List.of("a", "b"), List.of("txt")), Map.of("a", run(), "b", run()), BOOTSTRAP);

        assertThat(explained(Legend.of(BOOTSTRAP, List.of(), report.table()))).isEqualTo(headings(report.table()));
        assertThat(explained(comparison.legend())).isEqualTo(headings(comparison.table()));
        assertThat(explained(Legend.of(BOOTSTRAP, List.of(), experiment.armTable(), experiment.comparisonTable())))
                .isEqualTo(headings(experiment.armTable(), experiment.comparisonTable()));
    }

    @Test
    void everyFormForReadersHasTheLegend() throws IOException {
        String meaning = "exact two-sided p-value of the sign test";
        RunReport report = new RunReport(run(), BOOTSTRAP);
        ResultComparison comparison = new ResultComparison(run(), run(), BOOTSTRAP);
        ExperimentReport experiment = new ExperimentReport(
                Experiment.lineage(List.of("a", "b"), List.of("txt")), Map.of("a", run(), "b", run()), BOOTSTRAP);

        assertThat(List.of(report.toText(), report.markdown(), report.html())).allMatch(text -> text.contains(meaning));
        assertThat(List.of(comparison.toText(), comparison.markdown(), comparison.html()))
                .allMatch(text -> text.contains(meaning));
        assertThat(List.of(experiment.toText(), experiment.markdown(), experiment.html()))
                .allMatch(text -> text.contains(meaning));
        assertThat(report.toText())
                .contains("by bootstrap, 10,000 resamples, seed 1234")
                .doesNotContain("Wilson");
    }

    @Test
    void verdictsHaveOneIntervalInAllReports_andItsMethodIsNamed() throws IOException {
        ScoreMeans means = new ScoreMeans();
        for (int i = 0; i < 10; i++) {
            Map<String, Object> details = new LinkedHashMap<>();
            details.put("correct", i < 7);
            means.add("q" + i, new Score("gsm8k", "1", OptionalDouble.of(i < 7 ? 1 : 0), details));
        }
        RunReport report = new RunReport(verdicts(), BOOTSTRAP);
        ConditionMean mean = report.conditions().getFirst().mean();

        assertThat(mean.method()).isEqualTo(IntervalMethod.WILSON);
        assertThat(mean.interval()).isEqualTo(means.means().get("correct").interval());
        assertThat(mean.interval().orElseThrow().low())
                .isCloseTo(0.39677815, org.assertj.core.api.Assertions.within(1e-7));
        assertThat(report.toText()).contains("of means of right and wrong: Wilson's score interval");
        assertThat(report.markdown()).contains("of means of right and wrong: Wilson's.");
    }

    @Test
    void severalAnswersToAQuestionAreNotIndependentVerdicts() throws IOException {
        Path file = Files.writeString(folder.resolve("twice.jsonl"), """
                {"id": "a", "correct": true}
                {"id": "a", "correct": true}
                {"id": "b", "correct": false}
                """);
        assertThat(new RunReport(ResultFile.read(file), BOOTSTRAP)
                        .conditions()
                        .getFirst()
                        .mean()
                        .method())
                .isEqualTo(IntervalMethod.BOOTSTRAP);
    }

    @Test
    void titlesNameTheFileOfAModelAndNotItsPath() throws IOException {
        Path file = new MadeUpRun()
                .probe("P1", "c", "q", Map.of("baseline", "One."))
                .line("{\"type\": \"summary\", \"model\": \"/home/me/models/a.gguf + /data/tuned x 0.5\"}")
                .line("{\"nothing\": 1}")
                .write(folder.resolve("run.jsonl"));
        RunReport report = new RunReport(ResultFile.read(file), BOOTSTRAP);

        assertThat(report.markdown()).startsWith("# a.gguf + tuned x 0.5\n").contains("\nrun.jsonl:3: this line");
        assertThat(report.html()).contains("<h1>a.gguf + tuned x 0.5</h1>").contains("<li>run.jsonl:3: this line");
        assertThat(List.of(report.markdown(), report.html(), report.json()))
                .noneMatch(text -> text.contains("/home/me") || text.contains(folder.toString()));
    }
}
