package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command with a trained model of 260 thousand weights. */
class LemIT {

    @TempDir
    Path folder;

    private static String model(String name) {
        return Fixtures.require("models/" + name).toString();
    }

    @Test
    void greedyGenerationEqualsTheTextOfAnIndependentEngine() throws IOException {
        String expected = Files.readString(Fixtures.require("models/stories260K-greedy.txt"));

        CommandRun run = CommandRun.of(
                "generate", "--model", model("stories260K-f32.gguf"), "--prompt", "Once upon a time", "--temperature", "0",
                "--max-tokens", "120", "--threads", "1");

        assertThat(run.code()).isZero();
        assertThat(expected).startsWith("Once upon a time" + run.out());
        assertThat(run.out()).hasSizeGreaterThan(250);
        assertThat(run.err()).contains("120 new tokens").contains("LENGTH");
    }

    @Test
    void jsonHoldsTheWholeAnswer() {
        CommandRun run = CommandRun.of(
                "generate", "--model", model("stories260K-q8_0.gguf"), "--prompt", "Once", "-n", "5", "-t", "1", "--json");

        JsonNode answer = JsonMapper.shared().readTree(run.out());
        assertThat(answer.path("tokens").size()).isEqualTo(5);
        assertThat(answer.path("generated_tokens").asInt()).isEqualTo(5);
        assertThat(answer.path("finish_reason").asString()).isEqualTo("LENGTH");
        assertThat(answer.path("text").asString()).isNotEmpty();
    }

    @Test
    void promptComesFromStandardInputWhereNoneIsGiven() {
        String model = model("stories260K-f32.gguf");

        CommandRun piped = CommandRun.withInput("Once upon a time", "generate", "--model", model, "-n", "8", "-t", "1");
        CommandRun given =
                CommandRun.of("generate", "--model", model, "-n", "8", "-t", "1", "--prompt", "Once upon a time");

        assertThat(piped.out()).isEqualTo(given.out()).isNotEmpty();
    }

    @Test
    void promptThatDoesNotFit_isOneSentenceWithBothNumbers() {
        CommandRun run = CommandRun.of(
                "generate", "--model", model("stories260K-f32.gguf"), "--prompt", "word ".repeat(2000), "-t", "1");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("tokens and the context holds 512");
    }

    @Test
    void deviceThatIsAbsent_isAnErrorAndNoSilentRunOnTheCpu() {
        CommandRun run = CommandRun.of(
                "generate", "--model", model("stories260K-f32.gguf"), "--prompt", "x", "--device", "CUDA7");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("CUDA7").contains("CPU");
    }

    @Test
    void infoSaysWhatLoadingDecided() {
        CommandRun run = CommandRun.of("info", "--model", model("stories260K-q8_0.gguf"), "--threads", "1", "--json");

        JsonNode facts = JsonMapper.shared().readTree(run.out());
        assertThat(facts.path("llama.cpp").asString()).isEqualTo("v0.5.0");
        assertThat(facts.path("layers").asInt()).isEqualTo(5);
        assertThat(facts.path("context").asString()).isEqualTo("512 tokens (trained for 512)");
        assertThat(facts.path("threads / for prompts").asString()).isEqualTo("1 / 1");
    }

    @Test
    void chatAnswersEachLine() {
        CommandRun run = CommandRun.withInput(
                "Hello\nAnd then?\n", "chat", "--model", model("stories260K-q8_0.gguf"), "-n", "6", "-t", "1");

        assertThat(run.code()).isZero();
        assertThat(run.err().lines().filter(line -> line.contains("new tokens"))).hasSize(2);
    }

    @Test
    void benchmarkEndsWithTheTableAndGoesOnAfterwards() throws IOException {
        Path probes = Files.writeString(folder.resolve("probes.json"), "[\"Who may decide?\", \"What is owed?\"]");
        Path kernel = Files.writeString(folder.resolve("kind.txt"), "Be kind.");
        Path output = folder.resolve("ab.jsonl");
        String[] command = {
            "benchmark", "--model", model("stories260K-q8_0.gguf"), "--kernel", "kind=" + kernel, "--prompts",
            probes.toString(), "--output", output.toString(), "--max-tokens", "8", "--threads", "1"
        };

        CommandRun first = CommandRun.of(command);
        CommandRun second = CommandRun.of(command);

        assertThat(first.code()).isZero();
        assertThat(first.out()).contains("baseline").contains("kind").contains("mean");
        assertThat(first.err()).contains("4 questions asked");
        assertThat(Files.readAllLines(output)).hasSize(3);
        assertThat(second.out()).isEqualTo(first.out());
        assertThat(second.err()).contains("0 questions asked");
    }
}
