package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Fixtures;
import io.lethean.lem.internal.io.JsonLineReader;
import io.lethean.lem.internal.io.PythonJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code lem benchmark --parallel} with a real model, killed as by {@code kill -9}. */
class ParallelBenchmarkIT {

    private static final int PROBES = 10;

    @TempDir
    private Path folder;

    /** Sampled with a seed, so that the smallest change of a score could change a text. */
    private String[] command(Path output, int parallel) throws IOException {
        Path kernel =
                Files.writeString(folder.resolve("kernel.txt"), "Lily is kind to everyone she meets. ".repeat(12));
        List<String> probes = new ArrayList<>();
        for (int i = 0; i < PROBES; i++) {
            probes.add("{\"id\": \"P%d\", \"domain\": \"d\", \"prompt\": \"Once upon a time %s\"}"
                    .formatted(i, "she ran ".repeat(i)));
        }
        Path prompts = Files.writeString(folder.resolve("probes.json"), "[" + String.join(",", probes) + "]");
        return new String[] {
            "benchmark",
            "--model",
            Fixtures.require("models/stories260K-q8_0.gguf").toString(),
            "--context",
            "512",
            "--threads",
            "1",
            "--kernel",
            "kind=" + kernel,
            "--prompts",
            prompts.toString(),
            "--output",
            output.toString(),
            "--max-tokens",
            "90",
            "--temperature",
            "0.9",
            "--seed",
            "3",
            "--parallel",
            Integer.toString(parallel)
        };
    }

    @Test
    void aKilledRun_endsInTheFileOfAnUndisturbedOne_toTheLastCharacter() throws Exception {
        Path undisturbed = folder.resolve("undisturbed.jsonl");
        assertThat(CommandRun.of(command(undisturbed, 3)).code()).isZero();
        Path killed = folder.resolve("killed.jsonl");
        Random random = new Random(1);
        for (int answers : List.of(1, 9)) {
            killAfter(answers, random, killed);
        }

        CommandRun last = CommandRun.of(command(killed, 3));

        assertThat(last.code()).isZero();
        assertThat(timeless(killed)).isEqualTo(timeless(undisturbed));
        List<Object> answered = new ArrayList<>();
        for (Map<String, Object> line : JsonLineReader.readAll(folder.resolve("killed.jsonl.run.jsonl"))) {
            List<Object> slot = new ArrayList<>(Collections.singletonList(line.get("probe")));
            slot.add(line.get("condition"));
            if ("ask".equals(line.get("type"))) {
                assertThat(answered).doesNotContain(slot);
            } else if ("answer".equals(line.get("type"))) {
                answered.add(slot);
            }
        }
        assertThat(answered).hasSize(2 * PROBES).doesNotHaveDuplicates();
    }

    private void killAfter(int answers, Random random, Path output) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(command(output, 3)));
        arguments.addFirst(Integer.toString(answers - answers(output) + 1));
        Process process = LemProcess.builder(Held.class, arguments.toArray(String[]::new))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            while (process.isAlive() && answers(output) < answers) {
                Thread.sleep(5);
            }
            Thread.sleep(random.nextInt(20));
            assertThat(process.isAlive())
                    .as("the run is still going when it is killed")
                    .isTrue();
        } finally {
            process.destroyForcibly();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** The command, held with its model when it has told of some answers, so that it cannot end before it is killed. */
    static final class Held {

        private Held() {}

        /** Arguments: the answers before it is held, and those of the command. */
        public static void main(String[] arguments) {
            AtomicInteger left = new AtomicInteger(Integer.parseInt(arguments[0]));
            PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8) {
                @Override
                public void println(String line) {
                    super.println(line);
                    if (line.matches("\\d+/\\d+ .*") && left.decrementAndGet() == 0) {
                        LockSupport.parkNanos(TimeUnit.MINUTES.toNanos(10));
                    }
                }
            };
            Lem.prepareProcess();
            Console real = Console.ofProcess();
            System.exit(Lem.run(
                    new Console(real.in(), real.out(), err, false),
                    Arrays.copyOfRange(arguments, 1, arguments.length)));
        }
    }

    private static int answers(Path output) throws IOException {
        Path log = output.resolveSibling(output.getFileName() + ".run.jsonl");
        String text = Files.exists(log) ? Files.readString(log) : "";
        return text.split("\\{\"type\": \"answer\"", -1).length - 1;
    }

    private static List<String> timeless(Path output) throws IOException {
        return JsonLineReader.readAll(output).stream()
                .map(ParallelBenchmarkIT::timeless)
                .toList();
    }

    private static String timeless(Map<String, Object> line) {
        line.replace("ts", "");
        line.replace("duration", "");
        if (line.get("conditions") instanceof Map<?, ?> conditions
                && line.get("type").equals("probe")) {
            conditions.values().forEach(answer -> ((Map<?, ?>) answer).remove("time_s"));
        }
        return PythonJson.write(line);
    }

    @Test
    void anotherNumberSideBySide_isAnotherRun_andNoneIsRefused() throws IOException {
        Path output = folder.resolve("ab.jsonl");
        assertThat(CommandRun.of(command(output, 3)).code()).isZero();
        CommandRun other = CommandRun.of(command(output, 2));
        assertThat(other.code()).isNotZero();
        assertThat(other.err()).contains("parallel: recorded 3, now 2");
        assertThat(CommandRun.of(command(folder.resolve("none.jsonl"), 0)).err())
                .contains("parallel is 0");
    }
}
