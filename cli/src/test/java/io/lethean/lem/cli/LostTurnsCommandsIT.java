package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.internal.gguf.RandomModel;
import io.lethean.lem.internal.io.JsonLineReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands with models with chat templates that do not show contents given as text. */
class LostTurnsCommandsIT {

    private static final String PARTS = "{% for m in messages %}[{{ m.role }}]{% for p in m.content %}"
            + "{% if p.type == 'text' %}{{ p.text }}{% endif %}{% endfor %}{% endfor %}";
    private static final String OTHER_MEMBER = "{% for m in messages %}[{{ m.role }}]{{ m.value }}{% endfor %}";
    private static final String CHAT = "{\"messages\": [{\"role\": \"user\", \"content\": \"Why?\"},"
            + " {\"role\": \"assistant\", \"content\": \"Because.\"}]}\n";

    @TempDir
    Path folder;

    private Path probes;
    private Path kernel;

    @BeforeEach
    void prepare() throws IOException {
        probes = Files.writeString(folder.resolve("probes.json"), "[\"Who may decide?\", \"What is owed to whom?\"]");
        kernel = Files.writeString(folder.resolve("kind.txt"), "Be kind.");
        Files.createDirectory(folder.resolve("d"));
        Files.writeString(folder.resolve("d/train.jsonl"), CHAT.repeat(2));
    }

    private String model(String template) throws IOException {
        Path file = folder.resolve("model.gguf");
        RandomModel.llama(1, 32, 2, 1, 48, 400).chatTemplate(template).write(file, 3);
        return file.toString();
    }

    private CommandRun benchmark(String model) {
        return CommandRun.of(
                "benchmark",
                "--model",
                model,
                "--context",
                "256",
                "--threads",
                "1",
                "--kernel",
                "kind=" + kernel,
                "--prompts",
                probes.toString(),
                "--output",
                folder.resolve("ab.jsonl").toString(),
                "--max-tokens",
                "4",
                "--temperature",
                "0");
    }

    private CommandRun showMask(String model) {
        return CommandRun.of(
                "train",
                "--model",
                model,
                "--data",
                folder.resolve("d").toString(),
                "--adapter-path",
                folder.resolve("a").toString(),
                "--mask-prompt",
                "--show-mask");
    }

    @Test
    void benchmarkWithATemplateThatReadsParts_asksEveryProbeWithAndWithoutTheKernel() throws IOException {
        assertThat(benchmark(model(PARTS)).code()).isZero();

        List<Object> promptTokens = new ArrayList<>();
        for (var line : JsonLineReader.readAll(folder.resolve("ab.jsonl.run.jsonl"))) {
            if (line.containsKey("prompt_tokens")) {
                promptTokens.add(line.get("prompt_tokens"));
            }
        }
        assertThat(promptTokens).hasSize(4).doesNotHaveDuplicates();
    }

    @Test
    void benchmarkWithATemplateThatLosesQuestions_isRefusedAndRecordsNothing() throws IOException {
        CommandRun run = benchmark(model(OTHER_MEMBER));

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("leaves out turn 1 (user) of 1");
        assertThat(folder.resolve("ab.jsonl")).isEmptyFile();
    }

    @Test
    void chatAndTraining_areRefusedByTurn() throws IOException {
        String model = model(OTHER_MEMBER);

        CommandRun chat = CommandRun.withInput("Hello\n", "chat", "--model", model, "-n", "2", "-t", "1");
        assertThat(chat.code()).isEqualTo(1);
        assertThat(chat.err()).contains("leaves out turn 1 (user) of 1");
        assertThat(showMask(model).code()).isEqualTo(1);
        assertThat(showMask(model).err())
                .contains("train.jsonl:1: ")
                .contains("leaves out turn 1 (user) and 1 more of 2");
    }

    @Test
    void trainingWithATemplateThatReadsParts_learnsTheAnswers() throws IOException {
        assertThat(showMask(model(PARTS)).out()).contains("[user]Why?\u27e6[assistant]Because.\u27e7");
    }
}
