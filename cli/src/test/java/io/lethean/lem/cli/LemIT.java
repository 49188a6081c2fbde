package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Fixtures;
import io.lethean.lem.adapter.RandomAdapter;
import io.lethean.lem.internal.gguf.RandomModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
                "generate",
                "--model",
                model("stories260K-f32.gguf"),
                "--prompt",
                "Once upon a time",
                "--temperature",
                "0",
                "--max-tokens",
                "120",
                "--threads",
                "1");

        assertThat(run.code()).isZero();
        assertThat(expected).startsWith("Once upon a time" + run.out());
        assertThat(run.out()).hasSizeGreaterThan(250);
        assertThat(run.err()).contains("120 new tokens").contains(", length");
    }

    @Test
    void jsonHoldsTheWholeAnswer() {
        CommandRun run = CommandRun.of(
                "generate",
                "--model",
                model("stories260K-q8_0.gguf"),
                "--prompt",
                "Once",
                "-n",
                "5",
                "-t",
                "1",
                "--temperature",
                "0.5",
                "--presence-penalty",
                "-0.5",
                "--logit-bias",
                "2=-inf",
                "--logprobs",
                "3",
                "--json");

        JsonNode answer = JsonMapper.shared().readTree(run.out());
        assertThat(answer.path("tokens").size()).isEqualTo(5);
        assertThat(answer.path("generated_tokens").asInt()).isEqualTo(5);
        assertThat(answer.path("finish_reason").asString()).isEqualTo("length");
        assertThat(answer.path("text").asString()).isNotEmpty();
        assertThat(answer.path("seed").isNumber()).isTrue();
        assertThat(answer.path("first_token_seconds").asDouble()).isPositive();
        assertThat(answer.path("logprobs").size()).isEqualTo(5);
        JsonNode first = answer.path("logprobs").path(0);
        assertThat(first.path("token")).isEqualTo(answer.path("tokens").path(0));
        assertThat(first.path("logprob").asDouble()).isNegative();
        assertThat(first.path("top").size()).isEqualTo(3);
    }

    @Test
    void promptComesFromStandardInputWhereNoneIsGiven() {
        String model = model("stories260K-f32.gguf");

        CommandRun piped =
                CommandRun.withInput("Once upon a time\n", "generate", "--model", model, "-n", "8", "-t", "1");
        CommandRun given =
                CommandRun.of("generate", "--model", model, "-n", "8", "-t", "1", "--prompt", "Once upon a time");

        assertThat(piped.out()).isEqualTo(given.out()).isNotEmpty();
    }

    /** Tests run in the project's folder, which has the small model. */
    @Test
    void modelThatNobodyNamed_isNamedOnceOnStandardError() {
        String sentence = "lem: No model is named, and the default model is not downloaded, so models/lem-nano.gguf is"
                + " used: a TEST MODEL THAT WRITES WITHOUT MEANING. 'lem pull default' downloads SmolLM2-135M-Instruct"
                + " (98 MB); --model names another.";

        CommandRun unnamed = CommandRun.of("generate", "--prompt", "Hello", "-n", "2", "-t", "1");
        assertThat(unnamed.err().lines()).containsOnlyOnce(sentence);
        assertThat(unnamed.out()).doesNotContain("No model");
        assertThat(unnamed.code()).isZero();
        CommandRun quantized = CommandRun.of(
                "quantize",
                "--type",
                "q8_0",
                "--output",
                folder.resolve("q.gguf").toString());
        assertThat(quantized.err().lines().filter(sentence::equals)).hasSize(1);
        CommandRun named =
                CommandRun.of("generate", "--model", "models/lem-nano.gguf", "--prompt", "Hello", "-n", "2", "-t", "1");
        assertThat(named.err().lines()).containsOnlyOnce("lem: Model models/lem-nano.gguf, named by --model.");
        assertThat(named.err()).doesNotContain("No model is named");
        assertThat(named.out()).isEqualTo(unnamed.out());
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
        assertThat(facts.path("llama_cpp").asString()).isEqualTo("v0.5.0");
        assertThat(facts.path("model").path("layers").asInt()).isEqualTo(5);
        assertThat(facts.path("model").path("context_tokens").asInt()).isEqualTo(512);
        JsonNode cpu = facts.path("devices").path(0);
        assertThat(cpu.path("free_bytes").asLong())
                .isPositive()
                .isLessThan(cpu.path("total_bytes").asLong());
        assertThat(facts.path("model").path("threads").asInt()).isEqualTo(1);
    }

    @Test
    void chatAnswersEachLine() {
        CommandRun run = CommandRun.withInput(
                "Hello\nAnd then?\n", "chat", "--model", model("stories260K-q8_0.gguf"), "-n", "6", "-t", "1");

        assertThat(run.code()).isZero();
        assertThat(run.err().lines().filter(line -> line.contains("new tokens")))
                .hasSize(2);
    }

    @Test
    void badInputOfABenchmark_isOneSentenceAndLeavesNothingBehind() throws IOException {
        String good =
                Files.writeString(folder.resolve("good.json"), "[\"Why?\"]").toString();
        String bare = Files.writeString(folder.resolve("bare.json"), "[{\"id\": \"P1\"}]")
                .toString();
        String cut = Files.writeString(folder.resolve("cut.jsonl"), "{\"prompt\": \"x\"}\n{\"prompt\"\n")
                .toString();
        String empty = Files.writeString(folder.resolve("empty.txt"), "").toString();
        String here = folder.toString();

        assertBenchmark("bare.json: the probe at index 0 (counted from 0) has no \"prompt\" text.", "--prompts", bare);
        assertBenchmark("cut.jsonl:2: this line is not JSON", "--prompts", cut);
        assertBenchmark("none.json does not exist; check the path.", "--prompts", "none.json");
        assertBenchmark(here + " could not be used: it is a folder, and a file was", "--prompts", here);
        assertBenchmark(here + " could not be used: it is a folder", "--prompts", good, "--kernel", "k=" + here);
        assertBenchmark("The kernel 'k' is empty", "--prompts", good, "--kernel", "k=" + empty);
        assertBenchmark("the file of kernel 'k' does not exist", "--prompts", good, "--kernel", "k=none.txt");
        assertBenchmark("At temperature 0 all 2 samples", "--prompts", good, "--samples", "2");
        assertBenchmark("names no form of a report", "--prompts", good, "--report", "r.pdf");
        assertThat(folder.resolve("ab.jsonl")).doesNotExist();
    }

    private void assertBenchmark(String sentence, String... more) {
        List<String> command = new ArrayList<>(List.of(
                "benchmark",
                "--model",
                model("stories260K-q8_0.gguf"),
                "--output",
                folder.resolve("ab.jsonl").toString()));
        command.addAll(List.of(more));
        CommandRun run = CommandRun.of(command.toArray(String[]::new));
        assertThat(run.code()).isEqualTo(run.err().startsWith("lem: ") ? 1 : 2);
        assertThat(run.err().lines())
                .singleElement()
                .asString()
                .startsWith("lem")
                .contains(sentence);
    }

    @Test
    void anOutputThatIsAFolder_isOneSentence() throws IOException {
        Path probes = Files.writeString(folder.resolve("good.json"), "[\"Why?\"]");

        for (String name : new String[] {"benchmark", "distill"}) {
            CommandRun run = CommandRun.of(
                    name,
                    "--model",
                    model("stories260K-q8_0.gguf"),
                    "--prompts",
                    probes.toString(),
                    "--output",
                    folder.toString());
            assertThat(run.err())
                    .endsWith(
                            "lem: " + folder + " could not be used: it is a folder, and the output must be a file.\n");
        }
    }

    @Test
    void benchmarkEndsWithTheTableAndGoesOnAfterwards() throws IOException {
        Path probes = Files.writeString(folder.resolve("probes.json"), "[\"Who may decide?\", \"What is owed?\"]");
        Path kernel = Files.writeString(folder.resolve("kind.txt"), "Be kind.");
        Path output = folder.resolve("ab.jsonl");
        String[] command = {
            "benchmark",
            "--model",
            model("stories260K-q8_0.gguf"),
            "--kernel",
            "kind=" + kernel,
            "--prompts",
            probes.toString(),
            "--output",
            output.toString(),
            "--max-tokens",
            "8",
            "--threads",
            "1"
        };

        CommandRun first = CommandRun.of(command);
        CommandRun second = CommandRun.of(command);

        assertThat(first.code()).isZero();
        assertThat(first.out())
                .contains("baseline")
                .contains("kind")
                .contains("mean")
                .contains("mean, unflagged", "probes needed", "truncated 2", "+ / - / =");
        assertThat(first.out().lines().limit(5))
                .satisfiesExactly(
                        who -> assertThat(who).endsWith("q8_0.gguf answered 2 probes without a kernel and with kind."),
                        result -> assertThat(result).startsWith("Mean score (v2 1"),
                        cut -> assertThat(cut).isEqualTo("4 of 4 answers were cut at the limit of tokens."),
                        answers -> assertThat(answers).isEqualTo("Answers: " + output),
                        blank -> assertThat(blank).isEmpty());
        assertThat(first.err()).contains("4 questions asked");
        assertThat(Files.readAllLines(output)).hasSize(3);
        assertThat(second.out()).isEqualTo(first.out());
        assertThat(second.err()).contains("0 questions asked");
    }

    private Path adapter(String name, long seed) throws IOException {
        return RandomAdapter.write(folder.resolve(name), Path.of(model("stories260K-q8_0.gguf")), 0.05, seed);
    }

    private static String answer(String... adapters) {
        List<String> command = new ArrayList<>(List.of(
                "generate", "--model", model("stories260K-q8_0.gguf"), "--prompt", "Once", "-n", "12", "-t", "1"));
        for (String adapter : adapters) {
            command.addAll(List.of("--adapter", adapter));
        }
        CommandRun run = CommandRun.of(command.toArray(String[]::new));
        assertThat(run.code()).as(run.err()).isZero();
        return run.out();
    }

    @Test
    void adaptersAreAppliedWithTheirScales_andAnEqualsSignInAPathIsOne() throws IOException {
        String one = adapter("one.gguf", 1).toString();
        String equals = adapter("scale=2", 1).toString();

        assertThat(answer(one + "=0")).isEqualTo(answer());
        assertThat(answer(one)).isNotEqualTo(answer()).isEqualTo(answer(equals)).isEqualTo(answer(equals + "=1"));
        assertThat(answer(one + "=0.5", one + "=0.5")).isEqualTo(answer(one));
    }

    @Test
    void adapterThatCannotBeUsed_isOneSentence() throws IOException {
        String model = model("stories260K-q8_0.gguf");
        String one = adapter("one.gguf", 1).toString();

        assertThat(failure(model, one + "=much")).contains("'much', which is not a number");
        assertThat(failure(model, one + "=NaN")).contains("An adapter's weight must be finite; it is NaN");
        assertThat(failure(model, "none.gguf=2")).contains("none.gguf, named by --adapter, does not exist");
        assertThat(failure(model, model)).contains("is a model, not an adapter");
        assertThat(failure(model, folder.toString())).contains("it is not an adapter");
        assertThat(failure(one, one))
                .contains("is an adapter, not a model; load the model that it was trained on, and apply");
        Path gemma = folder.resolve("gemma.gguf");
        RandomModel.gemma3(1, 32, 4, 2, 64, 400).write(gemma, 1);
        Path other = RandomAdapter.write(folder.resolve("other.gguf"), gemma, 1, 1);
        assertThat(failure(model, other.toString())).contains("architecture 'gemma3', the model is a 'llama'");
    }

    private static String failure(String model, String adapter) {
        CommandRun run = CommandRun.of("generate", "--model", model, "--prompt", "x", "-t", "1", "--adapter", adapter);
        assertThat(run.code()).isEqualTo(run.err().startsWith("lem: ") ? 1 : 2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().strip()).doesNotContain("\n");
        return run.err();
    }

    @Test
    void infoAndChatTakeAdaptersToo() throws IOException {
        String one = adapter("one.gguf", 1) + "=0.25";
        String model = model("stories260K-q8_0.gguf");

        CommandRun info = CommandRun.of("info", "--model", model, "-t", "1", "--adapter", one, "--json");
        CommandRun chat = CommandRun.of("chat", "--model", model, "-t", "1", "-n", "4", "-p", "Hi", "--adapter", one);

        assertThat(info.out()).contains("one.gguf\",\"weight\":0.25}");
        assertThat(chat.code()).isZero();
    }

    @Test
    void benchmarkWithAnotherAdapter_isAnotherRun() throws IOException {
        Path probes = Files.writeString(folder.resolve("probes.json"), "[\"Who may decide?\"]");
        String one = adapter("one.gguf", 1).toString();
        List<String> command = List.of(
                "benchmark",
                "--model",
                model("stories260K-q8_0.gguf"),
                "--prompts",
                probes.toString(),
                "--output",
                folder.resolve("ab.jsonl").toString(),
                "--max-tokens",
                "4",
                "--threads",
                "1");

        CommandRun first = benchmark(command, one);
        CommandRun moved = benchmark(
                command, Files.copy(Path.of(one), folder.resolve("copy.gguf")).toString());
        CommandRun scaled = benchmark(command, one + "=0.5");
        CommandRun other = benchmark(command, adapter("two.gguf", 2).toString());
        CommandRun bare = CommandRun.of(command.toArray(String[]::new));

        assertThat(first.err()).contains("1 questions asked");
        assertThat(Files.readString(folder.resolve("ab.jsonl"))).contains("q8_0.gguf + " + one);
        assertThat(moved.err()).contains("0 questions asked");
        assertThat(scaled.err()).contains("(scale of adapter 1: recorded 1.0, now 0.5)");
        assertThat(other.err()).contains("(adapter 1: recorded sha256:");
        assertThat(bare.err()).contains("now none");
        assertThat(List.of(scaled.code(), other.code(), bare.code())).containsOnly(1);
    }

    private static CommandRun benchmark(List<String> command, String adapter) {
        List<String> arguments = new ArrayList<>(command);
        arguments.addAll(List.of("--adapter", adapter));
        return CommandRun.of(arguments.toArray(String[]::new));
    }
}
