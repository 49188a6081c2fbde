package io.lethean.lem.evaluation.ab;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.evaluation.run.FakeModel;
import io.lethean.lem.evaluation.run.RunFiles;
import io.lethean.lem.evaluation.run.RunListener;
import io.lethean.lem.internal.io.JsonLineReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kills a running benchmark as {@code kill -9} does, again and again, and lets it finish. */
class AbRunnerKillTest {

    private static final int KILLS = 5;
    private static final int MOST_ANSWERS_BETWEEN_KILLS = 5;
    private static final int MILLIS_PER_ANSWER = 25;
    private static final long SEED = 20260101;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void killedRuns_endInTheUndisturbedFileAndAskNothingTwice(int parallel) throws Exception {
        Path undisturbed = folder.resolve("undisturbed.jsonl");
        new AbRunner(SlowBenchmark.plan(parallel), FakeModel::new, RunListener.SILENT).run(undisturbed, false);
        Path output = folder.resolve("killed.jsonl");
        Random random = new Random(SEED);
        for (int kill = 0; kill < KILLS; kill++) {
            killAfter(1 + random.nextInt(MOST_ANSWERS_BETWEEN_KILLS), random, output, parallel);
        }

        Process last = start(output, MILLIS_PER_ANSWER, parallel, Integer.MAX_VALUE);

        assertThat(last.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(last.exitValue()).isZero();
        assertThat(AbRuns.timeless(output)).isEqualTo(AbRuns.timeless(undisturbed));
        assertNothingIsAskedAfterItsAnswer(output, parallel);
        assertThat(output.resolveSibling("killed.jsonl.lock")).doesNotExist();
    }

    /** The process gives one answer more at most: 5 kills with up to 6 answers each leave some of 48 for the last process. */
    private static void killAfter(int asks, Random random, Path output, int parallel) throws Exception {
        int enough = asks(output) + asks;
        Process process = start(output, MILLIS_PER_ANSWER, parallel, asks + 1);
        try {
            while (process.isAlive() && asks(output) < enough) {
                Thread.sleep(5);
            }
            Thread.sleep(random.nextInt(30));
            assertThat(process.isAlive())
                    .as("the run is still going when it is killed")
                    .isTrue();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static int asks(Path output) throws IOException {
        Path log = RunFiles.logOf(output);
        String text = Files.exists(log) ? Files.readString(log) : "";
        return text.split("\\{\"type\": \"ask\"", -1).length - 1;
    }

    private static void assertNothingIsAskedAfterItsAnswer(Path output, int parallel) throws IOException {
        Set<List<Object>> answered = new HashSet<>();
        List<Object> askedCounts = new ArrayList<>();
        for (Map<String, Object> line : JsonLineReader.readAll(RunFiles.logOf(output))) {
            List<Object> slot = new ArrayList<>();
            slot.add(line.get("probe"));
            slot.add(line.get("condition"));
            switch ((String) line.get("type")) {
                case "ask" -> {
                    assertThat(answered).doesNotContain(slot);
                    askedCounts.add(line.get("asked"));
                }
                case "answer" -> assertThat(answered.add(slot)).isTrue();
                default -> {}
            }
        }
        assertThat(answered).hasSize(SlowBenchmark.plan().answerCount());
        assertThat(askedCounts).hasSizeBetween(answered.size(), answered.size() + KILLS * parallel);
        assertThat(askedCounts.getLast()).isEqualTo((long) askedCounts.size());
    }

    @Test
    void secondProcessOnTheSameOutput_isRefused() throws Exception {
        Path output = folder.resolve("ab.jsonl");
        Process first = start(output, 1000, 1, 1);
        while (first.isAlive() && asks(output) == 0) {
            Thread.sleep(5);
        }

        Process second = start(output, 1000, 1, 1);
        String said = new String(second.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(second.waitFor()).isEqualTo(1);
        assertThat(said).contains("Another run is writing " + output).contains("ab.jsonl.lock");
        first.destroyForcibly().waitFor();
    }

    private static Process start(Path output, int millisPerAnswer, int parallel, int most) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SlowBenchmark.class.getName(),
                        output.toString(),
                        Integer.toString(millisPerAnswer),
                        Integer.toString(parallel),
                        Integer.toString(most))
                .redirectErrorStream(true)
                .start();
    }
}
