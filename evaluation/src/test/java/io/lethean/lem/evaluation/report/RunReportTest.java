package io.lethean.lem.evaluation.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lethean.lem.evaluation.score.AnswerFlag;
import io.lethean.lem.evaluation.score.Scorers;
import io.lethean.lem.evaluation.stats.Bootstrap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class RunReportTest {

    private static final Bootstrap BOOTSTRAP = new Bootstrap(500, 0.95, 1);

    @TempDir
    private Path folder;

    private RunReport report(MadeUpRun run) throws IOException {
        Path file = run.write(folder.resolve("run.jsonl"));
        return new RunReport(ResultFile.read(file, Scorers.named("v2"), Map.of()), BOOTSTRAP);
    }

    @Test
    void conditionsAreComparedWithTheBaselineWithAndWithoutFlaggedAnswers() throws IOException {
        ConditionStatistics json = report(MadeUpRun.large()).conditions().get(1);
        assertThat(json.name()).isEqualTo("json");
        assertThat(json.answers()).isEqualTo(24);
        assertThat(json.flags())
                .containsOnly(Map.entry(AnswerFlag.SPECIAL_TOKENS_ONLY, 1), Map.entry(AnswerFlag.LEAKED_TEMPLATE, 1));
        assertThat(json.mean().probes()).isEqualTo(24);
        assertThat(json.unflaggedMean().probes()).isEqualTo(22);
        assertThat(json.difference().orElseThrow().differences()).hasSize(24);
        assertThat(json.unflaggedDifference().orElseThrow().differences()).hasSize(22);
        assertThat(json.correctedP())
                .isCloseTo(2 * json.difference().orElseThrow().pValue(), within(1e-12));
        assertThat(report(MadeUpRun.large()).conditions().getFirst().difference())
                .isEmpty();
    }

    @Test
    void verdictsSayWhatWasSeenOrThatNothingWas() throws IOException {
        assertThat(report(MadeUpRun.large()).verdicts())
                .hasSize(2)
                .first()
                .asString()
                .startsWith("json: a difference of +");
        RunReport same = report(new MadeUpRun()
                .probe("P1", "c", "q", Map.of("baseline", "One.", "json", "One."))
                .probe("P2", "c", "q", Map.of("baseline", "Two.", "json", "Two.")));
        assertThat(same.verdicts()).containsExactly("json: no difference seen, +0.00 [0.00, 0.00] over 2 probes.");
        RunReport single = report(new MadeUpRun().probe("P1", "c", "q", Map.of("baseline", "One.", "json", "One.")));
        assertThat(single.verdicts()).containsExactly("json: too few probes in common to compare.");
    }

    @Test
    void exampleIsTheProbeWithTheUsualDifference_andTheBeginningsOfItsAnswers() throws IOException {
        String kind = " But we wonder: what does consent mean for you?";
        MadeUpRun run = new MadeUpRun();
        run.probe("P1", "c", "First?", Map.of("baseline", "One." + kind, "lek", "One."));
        run.probe("P2", "c", "Is it\nright? ".repeat(40), Map.of("baseline", "Two.", "lek", "Two words. ".repeat(90)));
        run.probe("P3", "c", "Third?", Map.of("baseline", "Three.", "lek", "Three." + kind + kind + kind));

        String example = report(run).example().orElseThrow();

        assertThat(example.lines())
                .satisfiesExactly(
                        probe -> assertThat(probe)
                                .startsWith("For example, P2: Is it right? Is it right?")
                                .endsWith(" ...")
                                .hasSizeLessThan(270),
                        baseline -> assertThat(baseline).matches("  baseline \\(-?\\d+\\.\\d\\d\\): Two\\."),
                        lek -> assertThat(lek)
                                .startsWith("  lek (")
                                .contains("): Two words. Two words.")
                                .endsWith(" ..."));
        assertThat(report(new MadeUpRun().probe("P1", "c", "q", Map.of("baseline", "")))
                        .example())
                .isEmpty();
    }

    @Test
    void headlineSaysWhoAnswered_andWhichWayTheScoresDiffer() throws IOException {
        String[] plain = {"One.", "Two.", "Three.", "Four."};
        MadeUpRun better = new MadeUpRun();
        MadeUpRun equal = new MadeUpRun();
        MadeUpRun alone = new MadeUpRun();
        for (int i = 0; i < plain.length; i++) {
            String id = "P" + (i + 1);
            String longer = plain[i] + " But we wonder: what does consent mean for you, and what is right?";
            better.probe(id, "c", "q", Map.of("baseline", plain[i], "lek", longer));
            equal.probe(id, "c", "q", Map.of("baseline", plain[i], "lek", plain[i]));
            alone.probe(id, "c", "q", Map.of("baseline", plain[i]));
        }

        assertThat(report(better).headline().lines())
                .hasSize(2)
                .satisfiesExactly(
                        who -> assertThat(who).endsWith(" answered 4 probes without a kernel and with lek."),
                        result -> assertThat(result)
                                .matches("Mean score \\(v2 .*\\) without a kernel: -19.00, with lek: .*\\. Difference"
                                        + " \\+.*, 95 % interval \\[.*\\]: answers score HIGHER with lek \\(4 probes"
                                        + " higher, 0 lower, 0 equal\\)\\."));
        assertThat(report(equal).headline())
                .contains("Difference +0.00, 95 % interval [0.00, 0.00]: NO DIFFERENCE is shown, because the interval"
                        + " contains 0 (0 probes higher, 0 lower, 4 equal).");
        assertThat(report(alone).headline())
                .contains("Mean score (v2 ")
                .contains(
                        " -19.00, 95 % interval [-19.00, -19.00]. Nothing is compared, because there is one condition.");
        assertThat(report(new MadeUpRun().probe("P1", "c", "q", Map.of("baseline", "One.", "lek", "One.")))
                        .headline())
                .contains("too few probes to compare");
    }

    @Test
    void thePageNeedsNothingButItself() throws IOException {
        String html = report(MadeUpRun.large()).html();
        assertThat(html).startsWith("<!DOCTYPE html>").doesNotContain("{{");
        assertThat(Pattern.compile("(?i)\\b(?:src|href|url|@import|https?:)\\b")
                        .matcher(html)
                        .find())
                .isFalse();
    }

    @Test
    void answersCannotWriteThePage() throws IOException {
        String html = report(new MadeUpRun()
                        .probe(
                                "<i>P1</i>",
                                "\"><script>",
                                "</p>",
                                Map.of("baseline", "<script>alert('x')</script>\u0000 \ud800")))
                .html();
        assertThat(html).contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;\ufffd");
        assertThat(Pattern.compile("<script>").matcher(html).results()).hasSize(1);
        assertThat(html).doesNotContain("<i>").contains("data-category=\"&quot;&gt;&lt;script&gt;\"");
    }

    @Test
    void scoredPhrasesAreMarkedAndOverlapsKeepBothSignals() throws IOException {
        String html = report(MadeUpRun.large()).html();
        assertThat(html)
                .contains("<mark class=\"nuance\" title=\"nuance\">However</mark>")
                .contains("<mark class=\"axiom_resonance emotional_register\"");
    }

    @Test
    void markedTextIsTheAnswerAgain() throws IOException {
        String answer = "A \ud83d\ude00 door: however, her dignity & mine.\n\nWhat if <i>x</i>?";
        String html = report(new MadeUpRun().probe("P1", "c", "q", Map.of("baseline", answer)))
                .html();
        int begin = html.indexOf("<div class=\"text\">") + 18;
        String text = html.substring(begin, html.indexOf("</div></article>"));
        assertThat(text).contains("<mark");
        assertThat(text.replaceAll("</?mark[^>]*>", "")
                        .replace("&lt;", "<")
                        .replace("&gt;", ">")
                        .replace("&amp;", "&"))
                .isEqualTo(answer);
    }

    @Test
    void otherScorersMarkNothing() throws IOException {
        Path file = MadeUpRun.large().write(folder.resolve("run.jsonl"));
        String html = new RunReport(ResultFile.read(file, Scorers.named("tier1"), Map.of()), BOOTSTRAP).html();
        assertThat(html).doesNotContain("<mark");
    }

    @Test
    void markdownAndCsvAndJsonSayTheSame() throws IOException {
        RunReport report = report(MadeUpRun.large());
        double mean = report.conditions().get(1).mean().mean().orElseThrow();
        assertThat(report.markdown()).contains("| json | 24 | 0 | " + Numbers.two(mean) + " |");
        JsonNode json = new ObjectMapper().readTree(report.json());
        assertThat(json.at("/conditions/1/all/mean").asDouble()).isEqualTo(mean);
        assertThat(json.at("/conditions/0/vs_baseline").isNull()).isTrue();
        assertThat(json.at("/conditions/1/flags/special-tokens-only").asInt()).isEqualTo(1);
        assertThat(report.csv().lines())
                .hasSize(1 + 72)
                .first()
                .asString()
                .startsWith("id,category,condition,score,flags,");
    }

    @Test
    void probesAskedSeveralTimesShowTheirSpread() throws IOException {
        MadeUpRun run = new MadeUpRun();
        for (String answer : new String[] {"Why? Why not?", "However, I love it. What do you think about that?"}) {
            run.probe("P1", "c", "q", Map.of("baseline", answer, "json", answer + " And?"));
            run.probe("P2", "c", "q", Map.of("baseline", "A plain answer of some words.", "json", answer));
        }
        assertThat(report(run).html()).contains("class=\"whisker\"");
        assertThat(report(MadeUpRun.large()).html()).doesNotContain("class=\"whisker\"");
    }

    @Test
    void aFileWithoutAnswersGivesAReportAllTheSame() throws IOException {
        RunReport report = report(new MadeUpRun().line("nonsense"));
        assertThat(report.html()).contains("Lines that could not be read").contains(":1: this line is not JSON");
        assertThat(report.conditions()).isEmpty();
    }

    @Test
    void tablesAreEscapedForTheirForm() {
        Table table = new Table(List.of("a", "b|c"), List.of(List.of("x,y", "say \"hi\"")));
        assertThat(table.toText()).isEqualTo("a    b|c\nx,y  say \"hi\"\n");
        assertThat(new Table(List.of("a", "n"), List.of(List.of("x", "1.25"), List.of("longer", "-2"))).toText())
                .isEqualTo("a          n\nx       1.25\nlonger    -2\n");
        assertThat(table.toMarkdown()).isEqualTo("| a | b\\|c |\n| :-- | --: |\n| x,y | say \"hi\" |\n");
        assertThat(table.toCsv()).isEqualTo("a,b|c\r\n\"x,y\",\"say \"\"hi\"\"\"\r\n");
    }
}
