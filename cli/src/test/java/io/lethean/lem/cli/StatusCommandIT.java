package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.evaluation.run.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code lem status} and the options of a cluster that is not there. */
class StatusCommandIT {

    @TempDir
    private Path folder;

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private CommandRun benchmark(Path output, String... more) throws IOException {
        Path probes = write(
                "p.json",
                "[{\"id\": \"A\", \"prompt\": \"Who?\"}, {\"id\": \"B\", \"prompt\": \"What?\"},"
                        + " {\"id\": \"C\", \"prompt\": \"Why?\"}]");
        Path kernel = write("kind.txt", "Be kind.");
        List<String> words = new ArrayList<>(List.of(
                "benchmark",
                "--model",
                "models/lem-nano.gguf",
                "--threads",
                "1",
                "--context",
                "512",
                "--max-tokens",
                "4",
                "--prompts",
                probes.toString(),
                "--kernel",
                "kind=" + kernel,
                "--output",
                output.toString()));
        words.addAll(List.of(more));
        return CommandRun.of(words.toArray(String[]::new));
    }

    private static String failed(int probe, String id) {
        return "{\"type\": \"failed\", \"probe\": " + probe + ", \"id\": \"" + id
                + "\", \"condition\": \"kind\", \"reason\": \"No.\", \"ts\": \"x\"}";
    }

    @Test
    void completeRunAndOneThatWasCut_areCountedByCondition() throws IOException {
        assertThat(benchmark(folder.resolve("one.jsonl")).code()).isZero();
        Path log = folder.resolve("one.jsonl.run.jsonl");
        Path cut = folder.resolve("runs/two.jsonl.run.jsonl");
        Files.createDirectories(cut.getParent());
        List<String> kept = new ArrayList<>();
        for (String line : Files.readAllLines(log)) {
            boolean answer = line.contains("\"type\": \"answer\"")
                    && (line.contains("\"id\": \"A\"") || line.contains("\"id\": \"B\", \"condition\": \"baseline\""));
            if (kept.isEmpty()) {
                kept.addAll(List.of(line, failed(0, "A"))); // It was asked again, and has an answer now.
            } else if (answer) {
                kept.add(line);
            }
        }
        kept.add(failed(2, "C"));
        Files.write(cut, kept);
        Files.writeString(cut, "{\"type\": \"answer\", \"probe\": 2, \"con", StandardOpenOption.APPEND);

        CommandRun status = CommandRun.of("status", folder.toString());

        assertThat(status.code()).isZero();
        assertThat(status.out().lines().map(line -> line.replaceAll("\\s+", " ").replaceAll(" [0-9a-f]{8} ", " SET ")))
                .containsExactly(
                        "run condition probes probe set done failed missing",
                        "one.jsonl baseline 3 SET 3 0 0",
                        "one.jsonl kind 3 SET 3 0 0",
                        "two.jsonl baseline 3 SET 2 0 1",
                        "two.jsonl kind 3 SET 1 1 1",
                        "",
                        "1 of 2 runs complete; 9 of 12 questions answered (75.0 %), 1 failed, 2 missing",
                        "computed by cpu, " + Machine.here("cpu").kernels());
        assertThat(CommandRun.of("status", "--json", folder.resolve("one.jsonl").toString())
                        .out())
                .contains("\"done\": 6, \"failed\": 0, \"missing\": 0")
                .contains("\"complete\": true");
    }

    @Test
    void folderWithoutRuns_andMissingOutput_areSentences() throws IOException {
        assertThat(CommandRun.of("status", folder.toString()).out())
                .isEqualTo("No runs there: no file ends with .run.jsonl.\n");

        CommandRun missing = CommandRun.of("status", folder.resolve("x.jsonl").toString());
        assertThat(missing.code()).isEqualTo(1);
        assertThat(missing.err()).contains("x.jsonl.run.jsonl does not exist; name the folder or the output of a run.");

        CommandRun other = CommandRun.of(
                "status", write("a.run.jsonl", "{\"type\": \"probe\"}\n").toString());
        assertThat(other.code()).isEqualTo(1);
        assertThat(other.err()).contains("this is not the log of a run");
    }

    @Test
    void sparkWithoutItsModule_saysWhatToInstall_andAsksNothing() throws IOException {
        Path output = folder.resolve("ab.jsonl");

        CommandRun run = benchmark(output, "--spark", "local[2]");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err())
                .contains("needs the module lem-spark")
                .contains("make spark")
                .contains("LEM_CLASS_PATH=");
        assertThat(output).doesNotExist();
    }

    @Test
    void settingsOfSparkWithoutSpark_areWrongUsage() throws IOException {
        CommandRun run = benchmark(folder.resolve("ab.jsonl"), "--spark-parquet", folder.toString());

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("need --spark MASTER");
    }
}
