package io.lethean.lem.evaluation.distill;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.evaluation.run.RunFiles;
import io.lethean.lem.evaluation.run.RunListener;
import io.lethean.lem.internal.io.JsonLineReader;
import io.lethean.lem.internal.io.PythonJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills a distillation as {@code kill -9} does, again and again, and lets it finish. */
class DistillKillTest {

    private static final int KILLS = 4;

    @TempDir
    private Path folder;

    @Test
    void killedDistillations_endInTheUndisturbedFileAndAskNothingTwice() throws Exception {
        Path undisturbed = folder.resolve("undisturbed.jsonl");
        new DistillRunner(Distillations.plan(), Distillations.Model::new, RunListener.SILENT).run(undisturbed, false);
        Path output = folder.resolve("killed.jsonl");
        Random random = new Random(20260102);
        for (int kill = 0; kill < KILLS; kill++) {
            killAfter(1 + random.nextInt(6), random, output);
        }

        Process last = start(output, Integer.MAX_VALUE);

        assertThat(last.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(last.exitValue()).isZero();
        assertThat(timeless(output)).isEqualTo(timeless(undisturbed));
        assertNothingIsAskedAfterItsAnswer(output);
        assertThat(folder).isDirectoryNotContaining("glob:**.{part,lock}");
    }

    /** The process gives one answer more at most: with this seed, the 4 kills leave 7 of 24 answers for the last process. */
    private static void killAfter(int asks, Random random, Path output) throws Exception {
        int enough = asks(output) + asks;
        Process process = start(output, asks + 1);
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
        return Files.exists(log) ? Files.readString(log).split("\\{\"type\": \"ask\"", -1).length - 1 : 0;
    }

    private static List<String> timeless(Path output) throws IOException {
        return JsonLineReader.readAll(output).stream()
                .map(DistillKillTest::timeless)
                .toList();
    }

    private static String timeless(Map<String, Object> line) {
        line.remove("ts");
        line.remove("duration_s");
        if (line.get("meta") instanceof Map<?, ?> meta) {
            meta.remove("ts");
            meta.remove("time_s");
        }
        return PythonJson.write(line);
    }

    private static void assertNothingIsAskedAfterItsAnswer(Path output) throws IOException {
        Set<List<Object>> answered = new HashSet<>();
        int asks = 0;
        for (Map<String, Object> line : JsonLineReader.readAll(RunFiles.logOf(output))) {
            if ("ask".equals(line.get("type"))) {
                assertThat(answered).doesNotContain(List.of(line.get("probe"), line.get("condition")));
                asks++;
            } else if ("answer".equals(line.get("type"))) {
                assertThat(answered.add(List.of(line.get("probe"), line.get("condition"))))
                        .isTrue();
            }
        }
        assertThat(answered).hasSize(Distillations.plan().answerCount());
        assertThat(asks).isBetween(answered.size(), answered.size() + KILLS);
    }

    private static Process start(Path output, int most) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Distillations.class.getName(),
                        output.toString(),
                        "40",
                        Integer.toString(most))
                .redirectErrorStream(true)
                .start();
    }
}
