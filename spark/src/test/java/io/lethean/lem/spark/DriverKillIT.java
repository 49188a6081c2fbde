package io.lethean.lem.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.evaluation.ab.AbRuns;
import io.lethean.lem.evaluation.report.RunStatus;
import io.lethean.lem.evaluation.run.RunFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A driver that is killed: the next one asks what is missing, and the output is that of a run without a kill. */
@Tag("spark")
class DriverKillIT {

    private static final int PROBES = 20;

    /** The first driver gives no more answers than these. */
    private static final int STANDSTILL = 8;

    @TempDir
    private Path folder;

    private static Process start(Path output, Path log, String... standstill) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-Dlem.native.path=" + System.getProperty("lem.native.path"),
                "-cp",
                Standalone.classPath(),
                Driver.class.getName(),
                output.toString(),
                Integer.toString(PROBES)));
        command.addAll(List.of(standstill));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    private static long answers(Path output) throws IOException {
        Path log = RunFiles.logOf(output);
        if (!Files.exists(log)) {
            return 0;
        }
        return RunStatus.of(output).getFirst().coverage().stream()
                .mapToLong(RunStatus.Coverage::done)
                .sum();
    }

    @Test
    void driverThatWasKilled_isFollowedByOneThatAsksOnlyWhatIsMissing() throws Exception {
        List<String> local = Nano.local(Nano.model(), PROBES, folder.resolve("local.jsonl"));
        Path output = folder.resolve("ab.jsonl");
        Process killed = start(output, folder.resolve("first.log"), Integer.toString(STANDSTILL));
        long end = System.nanoTime() + Duration.ofSeconds(300).toNanos();
        while (answers(output) < 5 && killed.isAlive() && System.nanoTime() < end) {
            Thread.sleep(5);
        }
        killed.destroyForcibly().waitFor();
        long kept = answers(output);
        assertThat(kept).as(Files.readString(folder.resolve("first.log"))).isBetween(5L, (long) STANDSTILL);

        Process second = start(output, folder.resolve("second.log"));

        assertThat(second.waitFor())
                .as(Files.readString(folder.resolve("second.log")))
                .isZero();
        assertThat(AbRuns.timeless(output)).isEqualTo(local);
        assertThat(AbRuns.logLines(output, "answer")).hasSize(2 * PROBES);
        assertThat(AbRuns.logLines(output, "resume"))
                .singleElement()
                .satisfies(line -> assertThat((Long) line.get("recorded")).isEqualTo(kept));
        assertThat(RunStatus.of(output).getFirst().complete()).isTrue();
    }
}
