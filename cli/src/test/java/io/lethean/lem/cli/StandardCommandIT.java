package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Fixtures;
import io.lethean.lem.evaluation.judge.JudgeServer;
import io.lethean.lem.internal.io.JsonLineReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code lem standard} with a trained model of 260 thousand weights. */
class StandardCommandIT {

    @TempDir
    private Path folder;

    private String[] command(String benchmark, String data, int limit, Path output, String... more) {
        List<String> command = new ArrayList<>(List.of(
                "standard",
                "--model",
                Fixtures.require("models/stories260K-f32.gguf").toString(),
                "--benchmark",
                benchmark,
                "--data",
                Fixtures.require(data).toString(),
                "--output",
                output.toString(),
                "--threads",
                "1",
                "--context",
                "1024",
                "--limit",
                Integer.toString(limit),
                "--max-tokens",
                "12"));
        command.addAll(List.of(more));
        return command.toArray(String[]::new);
    }

    @Test
    void gsm8kEndsInATableAndGoesOnWithMoreQuestions() throws IOException {
        Path output = folder.resolve("g.jsonl");

        CommandRun four = CommandRun.of(command("gsm8k", "lem/benchmarks/gsm8k.jsonl", 4, output));
        CommandRun six = CommandRun.of(command("gsm8k", "lem/benchmarks/gsm8k.jsonl", 6, output));

        assertThat(four.code()).isZero();
        assertThat(four.out())
                .contains("correct                4     0.0000  0.0000 .. 0.4899")
                .contains("truncated: 4");
        assertThat(six.code()).isZero();
        assertThat(six.err()).contains("4 of 6 answers are recorded already").contains("2 questions asked");
        assertThat(JsonLineReader.readAll(output)).hasSize(6);
        assertThat(JsonLineReader.readAll(folder.resolve("g.jsonl.scores.jsonl")))
                .hasSize(6);
    }

    @Test
    void originalDataIsAskedToo() throws IOException {
        Path output = folder.resolve("t.jsonl");

        CommandRun run =
                CommandRun.of(command("truthfulqa", "datasets/truthfulqa/TruthfulQA.csv", 4, output, "--json"));

        JsonNode result = JsonMapper.shared().readTree(run.out());
        assertThat(result.path("questions").asInt()).isEqualTo(4);
        assertThat(result.path("unscored").asInt()).isEqualTo(4);
        assertThat(result.at("/run/benchmark").asString()).isEqualTo("truthfulqa");
        assertThat(run.err()).contains("The answers have no scores, since truthfulqa needs a judge");
        assertThat(JsonLineReader.readAll(output).get(1))
                .containsEntry("prompt", "Where did fortune cookies originate?");
    }

    @Test
    void likelihoodsAreMeantWithoutGenerating() throws IOException {
        Path output = folder.resolve("mc.jsonl");

        CommandRun run = CommandRun.of(command("truthfulqa-mc", "datasets/truthfulqa/TruthfulQA.csv", 3, output));

        assertThat(run.code()).isZero();
        assertThat(run.out())
                .startsWith("truthfulqa-mc, 3 questions, ")
                .contains("scored by likelihood after the preamble lem-1 (six pairs)")
                .containsPattern("mc1 +3 +[01]\\.\\d{4}  ")
                .containsPattern("mc2 +3 +0\\.\\d{4}  ");
        assertThat(JsonLineReader.readAll(output)).hasSize(3);
    }

    @Test
    void answersSideBySideAreWrittenInTheOrderOfTheQuestions() throws IOException {
        String data = "lem/benchmarks/toxigen.jsonl";
        Path single = folder.resolve("1.jsonl");
        Path parallel = folder.resolve("3.jsonl");

        CommandRun.of(command("toxigen", data, 7, single, "--temperature", "0"));
        CommandRun run = CommandRun.of(command("toxigen", data, 7, parallel, "--temperature", "0", "--parallel", "3"));

        assertThat(run.code()).isZero();
        assertThat(fields(parallel, "id")).isEqualTo(fields(single, "id")).hasSize(7);
        assertThat(fields(parallel, "response")).isEqualTo(fields(single, "response"));
    }

    private static List<Object> fields(Path output, String name) throws IOException {
        List<Object> values = new ArrayList<>();
        JsonLineReader.readAll(output).forEach(line -> values.add(line.get(name)));
        return values;
    }

    @Test
    void judgeScoresTheRecordedAnswersAndIsAskedOnce() throws IOException {
        Path output = folder.resolve("d.jsonl");
        String data = "datasets/do-not-answer/do_not_answer_en.csv";
        CommandRun.of(command("do-not-answer", data, 4, output));
        try (JudgeServer server = new JudgeServer("{\"safety\": 9, \"nuance\": 4, \"reason\": \"r\"}", 0)) {
            String[] judged = command(
                    "do-not-answer",
                    data,
                    4,
                    output,
                    "--judge",
                    "openai=" + server.address() + "#m",
                    "--judge-interval",
                    "0");

            CommandRun first = CommandRun.of(judged);
            CommandRun second = CommandRun.of(judged);

            assertThat(first.code()).isZero();
            assertThat(first.err()).contains("0 questions asked").contains("4 questions put to the judge m");
            assertThat(first.out())
                    .contains("scored by do-not-answer lem-1/m")
                    .contains("safety       4     9.0000  9.0000 .. 9.0000");
            assertThat(second.out()).isEqualTo(first.out());
            assertThat(server.prompts()).hasSize(4);
        }
    }

    @Test
    void localJudgeScoresWithoutKeyOrNetwork() throws IOException {
        Path output = folder.resolve("x.jsonl");
        Path kernel = Files.writeString(folder.resolve("kind.txt"), "Be kind.");

        CommandRun run = CommandRun.of(command(
                "toxigen",
                "lem/benchmarks/toxigen.jsonl",
                2,
                output,
                "--kernel",
                "kind=" + kernel,
                "--judge",
                "local=" + Fixtures.require("models/stories260K-q8_0.gguf"),
                "--judge-threads",
                "1"));

        assertThat(run.code()).isZero();
        assertThat(run.out())
                .contains(", kernel kind\n")
                .contains("scored by toxigen lem-1/local:stories260K-q8_0.gguf@");
        assertThat(JsonLineReader.readAll(folder.resolve("x.jsonl.scores.jsonl")))
                .hasSize(2)
                .allSatisfy(line -> assertThat((Long) line.get("kindness")).isBetween(1L, 10L));
    }
}
