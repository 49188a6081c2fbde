package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lethean.lem.Fixtures;
import io.lethean.lem.evaluation.internal.reproduce.ReproducedCell.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code lem compare}, {@code report} and {@code reproduce}, which need no model. */
class RecordedCommandsTest {

    @TempDir
    private Path folder;

    private String file(String name, String... lines) throws IOException {
        return Files.writeString(folder.resolve(name), String.join("\n", lines) + "\n")
                .toString();
    }

    private static String probe(String id, String baseline, double plain, String kernel, double ruled) {
        return ("{\"type\": \"probe\", \"id\": \"%s\", \"category\": \"c\", \"prompt\": \"Why?\", \"conditions\":"
                        + " {\"baseline\": {\"response\": \"%s\", \"lek_score\": %s}, \"txt\": {\"response\": \"%s\","
                        + " \"lek_score\": %s}}}")
                .formatted(id, baseline, plain, kernel, ruled);
    }

    private String run(String name, double raise) throws IOException {
        return file(
                name,
                probe("P1", "A plain answer.", 1, "A ruled <answer>.", 2 + raise),
                probe("P2", "A plain answer.", 2, "<pad>", -19),
                probe("P3", "A plain answer.", 3, "A ruled answer.", 5 + raise));
    }

    @Test
    void compareSetsTwoFilesSideBySide() throws IOException {
        CommandRun run = CommandRun.of("compare", run("a.jsonl", 0), run("b.jsonl", 1.25));

        assertThat(run.code()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .contains("First: a.jsonl (a.jsonl, A/B v1, as recorded)", "probes needed")
                .containsPattern("txt +3 +-4.00 +-3.17 +\\+0.83 .*2 / 0 / 1")
                .contains("baseline: no difference seen.");
    }

    @Test
    void compareWritesJsonMarkdownAndAPageOfItsOwn() throws IOException {
        Path markdown = folder.resolve("made/c.md");
        Path html = folder.resolve("made/c.html");

        CommandRun run = CommandRun.of(
                "compare",
                run("a", 0),
                run("b", 1),
                "--json",
                "--markdown",
                markdown.toString(),
                "--html",
                html.toString());

        JsonNode json = JsonMapper.shared().readTree(run.out());
        assertThat(json.at("/conditions/1/difference/improved").asInt()).isEqualTo(2);
        assertThat(json.at("/conditions/1/p_holm").asDouble()).isEqualTo(1.0);
        assertThat(markdown).content().contains("| condition | probes |");
        assertThat(html)
                .content()
                .contains("second: txt", "A ruled &lt;answer&gt;.", "special-tokens-only")
                .doesNotContain("<answer>", "src=", "href=");
        assertThat(folder.resolve("made")).isDirectoryNotContaining("glob:**.part");
    }

    @Test
    void compareScoresAnewWhereAScorerIsNamed() throws IOException {
        CommandRun run = CommandRun.of("compare", run("a", 0), run("b", 5), "--scorer", "v2");

        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("(a, v2 ").containsPattern("txt +3 .*0.00 .*0 / 0 / 3");
    }

    @Test
    void malformedLines_areNamedAndTheOthersCompared() throws IOException {
        String good = run("a.jsonl", 0);
        String bad = file("b.jsonl", probe("P1", "x", 1, "y", 2), "{\"id\": ", "[1]", "{\"id\": \"P9\"}");

        CommandRun run = CommandRun.of("compare", good, bad);

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out()).containsPattern("txt +1 ");
        assertThat(run.err().lines())
                .satisfiesExactly(
                        line -> assertThat(line).contains("b.jsonl:2: this line is not JSON"),
                        line -> assertThat(line).contains("b.jsonl:3: this line holds JSON but not an object"),
                        line -> assertThat(line).contains("b.jsonl:4: this line holds no answer and no score."));
    }

    @Test
    void whatCannotBeCompared_isOneSentence() throws IOException {
        String good = run("a.jsonl", 0);
        String bare = file("bare.jsonl", "{\"id\": \"P1\", \"response\": \"Hm.\"}");
        String empty = file("empty.jsonl", "");
        String broken = file("broken.jsonl", "{");

        assertSentence(CommandRun.of("compare", good, folder.resolve("none").toString()), "none does not exist; check");
        assertSentence(CommandRun.of("compare", good, empty), "empty.jsonl holds no answers; expected JSON Lines");
        assertSentence(CommandRun.of("compare", good, broken), "No line of", "broken.jsonl:1: this line is not JSON");
        assertSentence(
                CommandRun.of("compare", good, bare), "bare.jsonl holds answers without scores; choose one of v2");
        assertSentence(CommandRun.of("compare", bare, good, "--scorer", "v2"), "they have no condition in common");
        assertSentence(CommandRun.of("compare", good, folder.toString()), "could not be used: it is a folder");
    }

    private static void assertSentence(CommandRun run, String... parts) {
        assertThat(run.code()).isEqualTo(run.err().startsWith("lem: ") ? 1 : 2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines()).hasSize(1);
        assertThat(run.err()).startsWith("lem").contains(parts);
    }

    @Test
    void reportPrintsMeansWithAndWithoutFlaggedAnswers() throws IOException {
        CommandRun run = CommandRun.of("report", run("a.jsonl", 0));

        assertThat(run.code()).isZero();
        assertThat(run.out())
                .containsPattern("mean +2.00 +-4.00")
                .containsPattern("mean, unflagged +2.00 +3.50")
                .containsPattern("\\+ / - / = +\u2013 +2 / 1 / 0")
                .containsPattern("probes needed +\u2013 +\\d+")
                .contains("special-tokens-only 1")
                .contains("txt: no difference seen");
    }

    @Test
    void reportTakesItsFormFromTheSuffix() throws IOException {
        String input = run("a.jsonl", 0);
        Path html = folder.resolve("r.html");
        Path csv = folder.resolve("r.csv");

        CommandRun run = CommandRun.of("report", input, "-o", html.toString(), "-o", csv.toString());

        assertThat(run).isEqualTo(new CommandRun(0, "", ""));
        assertThat(html).content().startsWith("<!DOCTYPE html>").contains("svg class=\"differences\"");
        assertThat(Files.readAllLines(csv)).hasSize(7).first().asString().startsWith("id,category,condition,score");
        assertSentence(CommandRun.of("report", input, "-o", "r.pdf"), "r.pdf names no form of a report; choose .html");
    }

    /** 12 questions of 50 are answered rightly by the second model alone, none by the first alone: p = 2 / 2^12. */
    @Test
    void compareOfVerdicts_isMcNemarsTest() {
        String results = Fixtures.require("lem/results").toString();

        CommandRun run = CommandRun.of(
                "compare",
                results + "/gsm8k_base_pt.jsonl",
                results + "/gsm8k_lem_ethics.jsonl",
                "--scorer",
                "gsm8k",
                "--questions",
                Fixtures.require("lem/benchmarks/gsm8k.jsonl").toString(),
                "--json");

        JsonNode difference = JsonMapper.shared().readTree(run.out()).at("/conditions/0/difference");
        assertThat(difference.get("rose").asInt()).isEqualTo(12);
        assertThat(difference.get("fell").asInt()).isZero();
        assertThat(difference.get("p_sign").asDouble()).isCloseTo(0.00048828125, within(1e-15));
        assertThat(difference.get("mean").asDouble()).isCloseTo(0.24, within(1e-15));
    }

    @Test
    void reproduceFindsFilesByTheirPublishedNames() throws IOException {
        Files.copy(
                Fixtures.require("lem/results/ab-p100-lek-gemma3-1b-mlxlm.selected.jsonl"),
                folder.resolve("ab-p100-lek-gemma3-1b-mlxlm.jsonl"));
        Path markdown = folder.resolve("tables.md");

        CommandRun run = CommandRun.of("reproduce", "--recorded", folder.toString(), "--markdown", markdown.toString());

        assertThat(run.code()).isZero();
        assertThat(run.out())
                .containsPattern("LEK-1B, P88, txt +score +-19.00 +-19.00 +-19.00 +equal")
                .contains("no data", "ab-p100-gemma3-12b-mlxlm.jsonl is not there");
        assertThat(markdown).content().contains("| LEK-1B, P88, txt | score | -19.00 |");
    }

    @Test
    void reproduceOverTheRecordedResults_explainsEveryNumber() {
        CommandRun run =
                CommandRun.of("reproduce", "--recorded", Fixtures.require("lem").toString(), "--json");

        JsonNode tables = JsonMapper.shared().readTree(run.out());
        assertThat(StreamSupport.stream(tables.spliterator(), false)
                        .flatMap(
                                table -> StreamSupport.stream(table.get("cells").spliterator(), false)))
                .hasSizeGreaterThan(300)
                .allSatisfy(cell -> assertThat(cell.get("why").asString().isEmpty())
                        .isEqualTo(cell.get("verdict").asString().equals(Verdict.EQUAL.text())
                                || cell.get("verdict").asString().equals(Verdict.NEW.text())));
    }

    @Test
    void reproduceOfAnUnknownModel_listsTheNames() throws IOException {
        String model = file("m.gguf", "no model");

        assertSentence(
                CommandRun.of("reproduce", "--models", "GPT-9=" + model, "--output", folder.toString()),
                "No published table has a model 'GPT-9'; the models are Gemma3 12B, Gemma3 27B,");
    }

    @Test
    void reproduceWithoutASource_isWrongUsage() throws IOException {
        String model = file("m.gguf", "no model");
        assertThat(CommandRun.of("reproduce").err())
                .startsWith("lem reproduce: Give either --recorded DIR or --models");
        assertThat(CommandRun.of("reproduce", "--recorded", ".", "--models", "a=b")
                        .code())
                .isEqualTo(2);
        assertThat(CommandRun.of("experiment", "lineage", "--prompts", "p", "--models", "a=" + model, "b=" + model)
                        .err())
                .startsWith("lem experiment lineage: Missing required option: '--output=DIR'");
    }

    @Test
    void reproduceWithoutTheFolder_isOneSentence() throws IOException {
        assertSentence(
                CommandRun.of("reproduce", "--recorded", file("f", "x")), "is a file, and a folder was expected");
        assertSentence(CommandRun.of("reproduce", "--recorded", "nowhere"), "nowhere does not exist; check the path.");
    }
}
