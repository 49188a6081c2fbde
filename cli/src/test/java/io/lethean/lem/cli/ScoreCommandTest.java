package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Fixtures;
import io.lethean.lem.evaluation.judge.JudgeServer;
import io.lethean.lem.internal.io.JsonLineReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code lem score} with every kind of scorer, and killed as {@code kill -9} does. */
@Timeout(120)
class ScoreCommandTest {

    private static final int ANSWERS = 24;
    private static final int KILLS = 3;
    private static final String RATINGS = "{\"kindness\": 7, \"awareness\": 4, \"reason\": \"ok\"}";

    @TempDir
    private Path folder;

    private Path answers(int count) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
            lines.append(
                    "{\"id\": \"T%d\", \"prompt\": \"They are\", \"response\": \"kind, %d times\"}\n".formatted(i, i));
        }
        return Files.writeString(folder.resolve("answers.jsonl"), lines);
    }

    private static String[] command(Path answers, Path output, String judge) {
        return new String[] {
            "score",
            "--scorer",
            "toxigen",
            "--judge",
            judge,
            "--judge-interval",
            "0",
            "--input",
            answers.toString(),
            "--output",
            output.toString()
        };
    }

    @Test
    void gsm8kIsJoinedById() throws IOException {
        Path output = folder.resolve("scores.jsonl");

        CommandRun run = CommandRun.of(
                "score",
                "--scorer",
                "gsm8k",
                "--questions",
                Fixtures.require("lem/benchmarks/gsm8k.jsonl").toString(),
                "--input",
                Fixtures.require("lem/results/gsm8k_lem_ethics.jsonl").toString(),
                "--output",
                output.toString());

        assertThat(run.code()).isZero();
        assertThat(JsonLineReader.readAll(output).getFirst())
                .containsEntry("id", "GSM8K_001")
                .containsEntry("correct", false)
                .containsEntry("extracted", "15");
        assertThat(run.out())
                .startsWith("lem_ethics\nmetric")
                .contains("correct               50     0.2600  0.1587 .. 0.3955");
        assertThat(run.err()).isEqualTo("50 answers scored with gsm8k into " + output + "\n");
    }

    @Test
    void badLinesOfAnswersAndQuestionsAreNamedAndTheOthersScored() throws IOException {
        Path questions = Files.writeString(
                folder.resolve("q.jsonl"), "{\"id\": 1, \"question\": \"a\", \"correct_answer\": \"5\"}\n{broken\n");
        Path answers = Files.writeString(
                folder.resolve("a.jsonl"),
                "{\"id\": 1, \"response\": \"#### 5\"}\n{\"id\": 2}\n{\"id\": 3, \"response\": \"1\"}\n");

        CommandRun run = CommandRun.of(
                "score", "--scorer", "gsm8k", "--questions", questions.toString(), "--input", answers.toString());

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out().lines()).hasSize(2);
        assertThat(run.out()).contains("\"correct\": true").contains("{\"id\": 3, \"scorer\": \"gsm8k\", ");
        assertThat(run.err())
                .contains("lem: " + questions + ":2: this line is not JSON")
                .contains("lem: " + answers + ":2: an answer needs a text as \"response\".")
                .contains("1 answers scored with gsm8k\n1 answers not scored (excluded from the mean)\n");
    }

    @Test
    void abAnswersKeepTheirScoreAndGetTheOtherScorersBesideIt() throws IOException {
        Path answers = Files.writeString(folder.resolve("ab.jsonl"), """
                {"type": "probe", "id": "P1", "category": "c", "prompt": "They are", "conditions": {"baseline":\
                 {"response": "kind", "lek_score": 1.5, "heuristic": {"lek_score": 1.5}}}, "ts": ""}
                {"type": "summary", "model": "m", "total_probes": 1, "conditions": [{"name": "baseline", "avg_lek": 1.5}]}
                """);
        try (JudgeServer server = new JudgeServer(RATINGS, 0)) {
            CommandRun run =
                    CommandRun.of(command(answers, folder.resolve("out.jsonl"), "openai=" + server.address() + "#m"));

            assertThat(run.code()).isZero();
            List<Map<String, Object>> lines = JsonLineReader.readAll(folder.resolve("out.jsonl"));
            Map<?, ?> answer = (Map<?, ?>) ((Map<?, ?>) lines.getFirst().get("conditions")).get("baseline");
            assertThat(answer.get("lek_score")).isEqualTo(1.5);
            assertThat(((Map<?, ?>) answer.get("scored")).get("kindness")).isEqualTo(7L);
            assertThat(lines.get(1).get("conditions").toString()).contains("avg_lek=1.5");
            assertThat(run.out()).startsWith("baseline\nmetric");
        }
    }

    @Test
    void judgeIsAskedOnceAndItsSilenceIsNoScore() throws IOException {
        Path answers = answers(3);
        Path output = folder.resolve("scores.jsonl");
        try (JudgeServer server = new JudgeServer(RATINGS, 0)) {
            String[] command = command(answers, output, "openai=" + server.address() + "#m");
            CommandRun first = CommandRun.of(command);
            CommandRun second = CommandRun.of(
                    Stream.concat(Stream.of(command), Stream.of("--overwrite")).toArray(String[]::new));

            assertThat(first.code()).isZero();
            assertThat(first.err())
                    .contains("3 answers scored with toxigen into " + output)
                    .contains("3 questions put to the judge m");
            assertThat(second.err()).contains("0 questions put to the judge m");
            assertThat(second.out()).isEqualTo(first.out());
            assertThat(server.prompts()).hasSize(3);
            assertThat(folder.resolve("scores.jsonl.judge.jsonl.lock")).doesNotExist();
        }
    }

    @Test
    void whatCannotBeRatedIsUnscoredAndNoFive() throws IOException {
        Path answers = Files.writeString(
                folder.resolve("a.jsonl"), "{\"id\": 1, \"prompt\": \"p\", \"response\": \"ERROR: x\"}\n");
        try (JudgeServer server = new JudgeServer(RATINGS, 0)) {
            CommandRun run = CommandRun.of(command(answers, folder.resolve("o.jsonl"), "openai=" + server.address()));

            assertThat(JsonLineReader.readAll(folder.resolve("o.jsonl")).getFirst())
                    .containsEntry("score", null)
                    .containsEntry("unscored", "the answer records that its generation failed");
            assertThat(run.out()).isEqualTo("1 answers, all without a score\n");
            assertThat(server.prompts()).isEmpty();
        }
    }

    @Test
    void killedRunsEndInTheUndisturbedScoresAndTheJudgeIsAskedNothingTwice() throws Exception {
        Path answers = answers(ANSWERS);
        Path undisturbed = folder.resolve("undisturbed.jsonl");
        Path output = folder.resolve("killed.jsonl");
        Path memory = folder.resolve("killed.jsonl.judge.jsonl");
        try (JudgeServer server = new JudgeServer(RATINGS, 20)) {
            CommandRun.of(command(answers, undisturbed, "openai=" + server.address() + "#m"));
            server.forget();
            Random random = new Random(20260101);
            for (int kill = 0; kill < KILLS; kill++) {
                int enough = server.prompts().size() + 2 + random.nextInt(4);
                // 3 kills with up to 6 replies each leave some of 24 for the last process.
                server.replyToAtMost(enough + 1);
                Process process = LemProcess.start(command(answers, output, "openai=" + server.address() + "#m"));
                try {
                    while (process.isAlive() && server.prompts().size() < enough) {
                        Thread.sleep(3);
                    }
                    Thread.sleep(random.nextInt(20));
                    assertThat(process.isAlive())
                            .as("the run is still going when it is killed")
                            .isTrue();
                } finally {
                    process.destroyForcibly().waitFor();
                }
                List<String> kept = memory.toFile().exists() ? Files.readAllLines(memory) : List.of();
                assertThat(kept.size()).isGreaterThanOrEqualTo(server.prompts().size() - kill - 2);
            }

            server.replyToAtMost(Integer.MAX_VALUE);
            Process last = LemProcess.start(command(answers, output, "openai=" + server.address() + "#m"));

            assertThat(last.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(last.exitValue()).isZero();
            assertThat(output).hasSameTextualContentAs(undisturbed);
            assertThat(server.prompts()).hasSizeBetween(ANSWERS, ANSWERS + KILLS);
            assertThat(Files.readAllLines(memory)).hasSize(ANSWERS).doesNotHaveDuplicates();
        }
    }

    @Test
    void whatCannotBeDoneIsSaidInOneSentence() throws IOException {
        Path answers = answers(1);
        assertRefused(
                "lem score: The scorer 'toxigen' needs a judge; name one with --judge gemini, --judge openai=URL or"
                        + " --judge local=FILE.\n",
                "score",
                "--scorer",
                "toxigen",
                "--input",
                answers.toString());
        assertRefused(
                "lem score: The scorer 'v2' needs no judge; leave out --judge.\n",
                "score",
                "--input",
                answers.toString(),
                "--judge",
                "gemini");
        assertRefused(
                "lem score: \"chatgpt\" is not a judge; name one as gemini[=MODEL], openai=URL[#MODEL]"
                        + " or local=FILE.\n",
                command(answers, folder.resolve("o.jsonl"), "chatgpt"));
        assertRefused(
                "lem: nowhere.jsonl does not exist; check the path.\n",
                command(Path.of("nowhere.jsonl"), folder.resolve("o.jsonl"), "gemini"));
        assertRefused(
                "lem: nowhere.gguf does not exist; check the path.\n",
                command(answers, folder.resolve("o.jsonl"), "local=nowhere.gguf"));
        assertRefused(
                "lem: The judge's address \"h:1\" is not an address of a judge; expected an address such as"
                        + " http://localhost:8080 or https://host/v1.\n",
                command(answers, folder.resolve("o.jsonl"), "openai=h:1"));
        String dead;
        try (JudgeServer server = new JudgeServer(RATINGS, 0)) {
            dead = server.address();
        }
        assertRefused(
                "lem: Nobody answers at %s, where the judge default was expected; start it, or check the address.\n"
                        .formatted(dead.substring("http://".length())),
                command(answers, folder.resolve("o.jsonl"), "openai=" + dead));
        assertThat(folder.resolve("o.jsonl")).doesNotExist();
    }

    @Test
    void missingKey_isNamed() throws Exception {
        ProcessBuilder builder = LemProcess.builder(command(answers(1), folder.resolve("o.jsonl"), "gemini"));
        builder.environment().remove("GEMINI_API_KEY");
        Process process = builder.start();

        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).isEqualTo(1);
        assertThat(said)
                .isEqualTo("lem: The judge gemini-2.0-flash needs a key; set GEMINI_API_KEY, or choose another judge,"
                        + " openai=URL or local=FILE.\n");
    }

    private static void assertRefused(String sentence, String... command) {
        CommandRun run = CommandRun.of(command);
        assertThat(run).isEqualTo(new CommandRun(sentence.startsWith("lem: ") ? 1 : 2, "", sentence));
    }
}
