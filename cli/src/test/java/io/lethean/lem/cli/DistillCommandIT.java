package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Fixtures;
import io.lethean.lem.internal.io.JsonLineReader;
import io.lethean.lem.train.dataset.TrainingData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** From probes to a training folder, with a trained model of 260 thousand weights. */
class DistillCommandIT {

    @TempDir
    private Path folder;

    /** @param more options and their values, which take the place of those that are there */
    private String[] distill(String... more) throws IOException {
        Path probes = Files.writeString(folder.resolve("probes.json"), "[\"Who may decide?\", \"What is owed?\"]");
        Path paraphrased = folder.resolve("eight.json");
        CommandRun.of("paraphrase", probes.toString(), "--output", paraphrased.toString());
        List<String> command = new ArrayList<>(List.of(
                "distill",
                "--model",
                Fixtures.require("models/stories260K-q8_0.gguf").toString(),
                "--prompts",
                paraphrased.toString(),
                "--output",
                folder.resolve("raw.jsonl").toString(),
                "--samples",
                "2",
                "--seed",
                "1",
                "--max-tokens",
                "24",
                "--threads",
                "1",
                "--scorer",
                "v2"));
        for (int i = 0; i < more.length; i += 2) {
            int at = command.indexOf(more[i]);
            if (at >= 0) {
                command.set(at + 1, more[i + 1]);
            } else {
                command.addAll(List.of(more[i], more[i + 1]));
            }
        }
        return command.toArray(String[]::new);
    }

    @Test
    void probesBecomeExamplesAndExamplesALesson() throws IOException {
        CommandRun made = CommandRun.of(distill("--threshold", "-30", "--keep", "best"));
        CommandRun again = CommandRun.of(distill("--threshold", "-30", "--json=true", "--drop-flagged=false"));
        Path lesson = folder.resolve("lesson");
        CommandRun parted = CommandRun.of(
                "lesson",
                folder.resolve("raw.jsonl").toString(),
                "-o",
                lesson.toString(),
                "--dedup",
                "all",
                "--test",
                "0",
                "--valid",
                "50");

        assertThat(made.code()).as(made.err()).isZero();
        assertThat(made.err()).contains("16 questions asked");
        assertThat(made.out()).startsWith("8 of 16 answers kept (50.0 %), to 8 of 8 probes; their mean score is ");
        assertThat(again.err()).contains("0 questions asked");
        assertThat(JsonMapper.shared().readTree(again.out()).get("total_kept").asInt())
                .isEqualTo(16);
        assertThat(parted)
                .isEqualTo(new CommandRun(0, "8 examples to train on, 8 to validate with, 0 to test with\n", ""));
        TrainingData data = TrainingData.read(lesson);
        assertThat(data.train()).hasSize(8);
        assertThat(data.test()).isEmpty();
    }

    @Test
    void samplesOfOneProbe_differByTheirSeeds() throws IOException {
        CommandRun.of(distill("--threshold", "-30"));

        List<Map<String, Object>> lines = JsonLineReader.readAll(folder.resolve("raw.jsonl"));
        assertThat(lines).hasSize(17);
        assertThat(lines.get(0).get("training")).isNotEqualTo(lines.get(1).get("training"));
    }

    @Test
    void badInput_isOneSentence() throws IOException {
        assertSentence(
                CommandRun.of(distill("--temperature", "0")), "At temperature 0 all 2 samples of a probe are the");
        assertSentence(CommandRun.of(distill("--scorer", "v9")), "'v9' is not one of v2, ");
        assertSentence(CommandRun.of(distill("--kernel", "k=none.txt")), "the file of kernel 'k' does not exist");
        Path bad = Files.writeString(folder.resolve("bad.json"), "[{\"id\": 1, \"prompt\": 2}]");
        assertSentence(CommandRun.of(distill("--prompts", bad.toString())), "bad.json: the probe at index 0");
        assertSentence(CommandRun.of("paraphrase", bad.toString()), "bad.json: the probe at index 0");
        assertSentence(CommandRun.of("lesson", "none.jsonl", "-o", "x"), "none.jsonl does not exist; check the path.");
        Path half = Files.writeString(folder.resolve("half.jsonl"), "{\"messages\": 1}\n");
        assertSentence(CommandRun.of("lesson", half.toString(), "-o", "x"), "half.jsonl:1: messages should be a list");
        Path there = Files.writeString(folder.resolve("train.jsonl"), """
                {"messages": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]}
                """);
        assertSentence(
                CommandRun.of("lesson", there.toString(), "-o", folder.toString()), "is the same file as the input");
        assertThat(folder.resolve("raw.jsonl")).doesNotExist();
    }

    private static void assertSentence(CommandRun run, String part) {
        assertThat(run.code()).isEqualTo(run.err().startsWith("lem: ") ? 1 : 2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines()).hasSize(1);
        assertThat(run.err()).startsWith("lem").contains(part);
    }
}
