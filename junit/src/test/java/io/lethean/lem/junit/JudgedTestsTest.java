package io.lethean.lem.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.evaluation.judge.JudgeServer;
import io.lethean.lem.evaluation.report.ResultFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests with a judge over HTTP, and with exact scorers that need reference answers. */
class JudgedTestsTest {

    private static String answer = "";
    private static Path questions = Path.of("");

    @TempDir
    private Path folder;

    private Runs runs = new Runs(Path.of(""));

    @BeforeEach
    void reset() throws IOException {
        runs = new Runs(folder);
        answer = "They are kind.";
        questions = Files.writeString(folder.resolve("sums.jsonl"), """
                {"id": "a", "question": "3 + 4?", "correct_answer": "7"}
                {"id": "b", "question": "3 + 5?", "correct_answer": "8"}
                {"id": "c", "question": "3 + 6?", "correct_answer": "9"}
                {"id": "d", "question": "3 + 7?", "correct_answer": "10"}
                {"id": "e", "question": "3 + 8?", "correct_answer": "11"}
                {"id": "f", "question": "3 + 9?", "correct_answer": "12"}
                """);
    }

    static class Examples {

        @LemTest(
                scorer = "toxigen",
                prompts = {"They are", "She is"},
                minPairs = 2)
        void judged(Candidate candidate) {
            candidate.generator("made-up", Runs.answering(prompt -> prompt + ": " + answer));
        }

        @LemTest(scorer = "gsm8k")
        void exact(Candidate candidate) throws IOException {
            candidate
                    .questions(questions)
                    .generator(
                            "made-up",
                            Runs.answering(prompt -> answer.isEmpty()
                                    ? "I do not know."
                                    : "#### " + (3 + Integer.parseInt(prompt.replaceAll("3 \\+ |\\?", "")))));
        }
    }

    private static String ratings(int value) {
        return "{\"kindness\": " + value + ", \"awareness\": " + value + ", \"reason\": \"\"}";
    }

    @Test
    void judgeOverHttp_rates() throws IOException {
        Path replies = runs.output().resolve("JudgedTestsTest.Examples.judged.judge.jsonl");
        try (JudgeServer kind = new JudgeServer(ratings(9), 0)) {
            assertThat(Runs.verdict(runs.run(
                            Examples.class, "judged", Settings.RECORD, "true", Settings.JUDGE, kind.address())))
                    .isEqualTo("recorded");
            assertThat(kind.prompts()).hasSize(2);
            assertThat(Files.readAllLines(replies)).hasSize(2);
            kind.forget();

            assertThat(Runs.verdict(runs.run(Examples.class, "judged", Settings.JUDGE, kind.address())))
                    .isEqualTo("no difference");
            assertThat(kind.prompts()).as("equal answers are not rated again").isEmpty();
        }
        answer = "They are all the same.";
        try (JudgeServer strict = new JudgeServer(ratings(2), 0)) {
            assertThat(Runs.failure(runs.run(Examples.class, "judged", Settings.JUDGE, strict.address())))
                    .hasMessageContaining("the mean of toxigen changed by -7.00")
                    .hasMessageContaining("now:      They are: They are all the same.");
            assertThat(strict.prompts()).hasSize(2);
        }
    }

    @Test
    void anotherJudge_isRefused() throws IOException {
        try (JudgeServer server = new JudgeServer(ratings(9), 0)) {
            runs.run(Examples.class, "judged", Settings.RECORD, "true", Settings.JUDGE, server.address() + "#one");

            assertThat(Runs.failure(runs.run(Examples.class, "judged", Settings.JUDGE, server.address() + "#two")))
                    .hasMessageContaining("scorer: recorded toxigen lem-1/one, now toxigen lem-1/two");
        }
    }

    @Test
    void judgeWithoutUsableRatings_failsTheTestAndLeavesTheRecord() throws IOException {
        try (JudgeServer server = new JudgeServer(ratings(9), 0)) {
            runs.run(Examples.class, "judged", Settings.RECORD, "true", Settings.JUDGE, server.address());
        }
        byte[] record = Files.readAllBytes(runs.records().resolve("JudgedTestsTest.Examples.judged.jsonl"));
        answer = "They are all the same.";
        try (JudgeServer silent = new JudgeServer("I would rather not say.", 0)) {
            assertThat(Runs.failure(runs.run(Examples.class, "judged", Settings.JUDGE, silent.address())))
                    .hasMessageContaining("no probe has a score in both runs")
                    .hasMessageContaining("Answers to 2 probes have a score in the record and none now");
        }
        assertThat(runs.records().resolve("JudgedTestsTest.Examples.judged.jsonl"))
                .hasBinaryContent(record);
    }

    @Test
    void textThatIsNotAJudge_isRefused() {
        assertThat(Runs.failure(
                        runs.run(Examples.class, "judged", Settings.RECORD, "true", Settings.JUDGE, "somebody")))
                .hasMessageContaining("\"somebody\" is not a judge");
    }

    @Test
    void exactScorer_hasTheReferenceAnswers() throws IOException {
        runs.record(Examples.class, "exact");
        Path record = runs.records().resolve("JudgedTestsTest.Examples.exact.jsonl");
        assertThat(ResultFile.read(record).scores("baseline").means())
                .containsEntry("a", 1.0)
                .containsEntry("f", 1.0);

        assertThat(Runs.verdict(runs.run(Examples.class, "exact"))).isEqualTo("no difference");
        answer = "";
        assertThat(Runs.failure(runs.run(Examples.class, "exact")))
                .hasMessageContaining("the mean of gsm8k changed by -1.00 (95 % interval -1.00 to -1.00, 6 pairs)");
    }

    @Test
    void otherReferenceAnswers_areAnotherScorer() throws IOException {
        runs.record(Examples.class, "exact");
        Files.writeString(questions, Files.readString(questions).replace("\"12\"", "\"13\""));

        assertThat(Runs.failure(runs.run(Examples.class, "exact")))
                .hasMessageContaining("scorer: recorded gsm8k 1/references-")
                .hasMessageContaining("is the record of another run");
    }
}
