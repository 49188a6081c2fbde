package io.lethean.lem.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.data.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills a training as {@code kill -9} does, again and again, and lets it finish. */
class TrainingKillIT {

    private static final int KILLS = Integer.getInteger("lem.kills", 3);
    private static final int MOST_SAVES_BETWEEN_KILLS = 6;
    private static final long SEED = Long.getLong("lem.kill.seed", 20260101);

    @TempDir
    Path folder;

    @Test
    void killedTraining_endsInTheBytesOfAnUndisturbedOne() throws Exception {
        TrainingRuns.prepare(folder);
        String undisturbed = Sha256.of(
                new LemTrainer(TrainingRuns.options(folder, "undisturbed").build()).run().adapter());
        Random random = new Random(SEED);
        for (int kill = 0; kill < KILLS; kill++) {
            killAfter(lines() + 1 + random.nextInt(MOST_SAVES_BETWEEN_KILLS), random);
        }

        Process last = start(0);

        assertThat(last.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(last.exitValue()).isZero();
        assertThat(Sha256.of(folder.resolve("killed/adapter.gguf"))).isEqualTo(undisturbed);
        assertThat(Files.readString(folder.resolve("killed/events.jsonl")).split("\"started\"", -1))
                .as("the log tells of every start").hasSizeGreaterThanOrEqualTo(KILLS + 1);
        assertThat(folder.resolve("killed").toFile().list()).noneMatch(name -> name.endsWith(".part"));
    }

    private void killAfter(long events, Random random) throws Exception {
        Process process = start(20);
        while (process.isAlive() && lines() < events) {
            Thread.sleep(5);
        }
        Thread.sleep(random.nextInt(40));
        assertThat(process.isAlive()).as("the training is still going when it is killed").isTrue();
        process.destroyForcibly().waitFor();
    }

    private long lines() throws IOException {
        Path log = folder.resolve("killed/events.jsonl");
        if (!Files.exists(log)) {
            return 0;
        }
        try (Stream<String> lines = Files.lines(log)) {
            return lines.count();
        }
    }

    private Process start(int millisPerSave) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        TrainingRuns.class.getName(),
                        folder.toString(),
                        "killed",
                        Integer.toString(millisPerSave))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
