package io.lethean.lem.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.internal.io.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a training of 200 iterations as {@code kill -9} does, at ten of them and a little later, and lets it finish.
 *
 * <p>{@code -Dlem.kills} and {@code -Dlem.kill.seed} choose other moments; the output says which they were.
 */
class TrainingKillIT {

    private static final int KILLS = Integer.getInteger("lem.kills", 10);
    private static final long SEED = Long.getLong("lem.kill.seed", 20260101);
    private static final int ITERATIONS = 200;
    private static final int MOST_MILLIS_LATER = 30;
    private static final int MILLIS_AN_ITERATION = 10;
    private static final int MOST_ITERATIONS_LATER = 3;
    private static final Pattern TRAINED = Pattern.compile("\"event\": \"train\", \"iteration\": (\\d+),");

    @TempDir
    Path folder;

    @Test
    void killedTraining_endsInTheBytesOfAnUndisturbedOne() throws Exception {
        TrainingRuns.prepare(folder);
        String undisturbed = Sha256.of(new LemTrainer(TrainingRuns.longOptions(folder, "undisturbed", ITERATIONS)
                        .build())
                .run()
                .adapter());
        Random random = new Random(SEED);
        List<Integer> moments = random.ints(1, ITERATIONS - 5)
                .distinct()
                .limit(KILLS)
                .sorted()
                .boxed()
                .toList();
        StringBuilder found = new StringBuilder();
        for (int moment : moments) {
            found.append(' ').append(killAt(moment, ITERATIONS, random));
        }
        System.out.println("Seed " + SEED + ": killed at iterations " + moments + ", reached" + found);

        Process last = start(command(ITERATIONS), null);

        assertThat(last.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(last.exitValue()).isZero();
        assertThat(Sha256.of(folder.resolve("killed/adapter.gguf"))).isEqualTo(undisturbed);
        assertThat(log().split("\"started\"", -1))
                .as("the log tells of every start")
                .hasSize(KILLS + 2);
        assertThat(folder.resolve("killed").toFile().list()).noneMatch(name -> name.endsWith(".part"));
    }

    /** The limit of a file's size stands in for a disk that has room for adapters and the log but for no checkpoint. */
    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no ulimit")
    void fullDisk_isOneSentence_andWithRoomAgainTheTrainingEndsInTheSameBytes() throws Exception {
        TrainingRuns.prepare(folder);
        String undisturbed = Sha256.of(new LemTrainer(
                        TrainingRuns.longOptions(folder, "undisturbed", 40).build())
                .run()
                .adapter());
        killAt(20, 40, new Random(SEED));
        List<String> before = checkpoints();
        Path said = folder.resolve("said.txt");
        Files.delete(folder.resolve("killed/events.jsonl"));

        List<String> limited =
                new ArrayList<>(List.of("sh", "-c", "ulimit -f " + blocksBelowACheckpoint() + "; exec \"$@\"", "sh"));
        limited.addAll(command(40));
        Process full = start(limited, said);

        assertThat(full.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(full.exitValue()).isNotZero();
        assertThat(Files.readString(said))
                .containsPattern("The file .*/checkpoint-\\d+\\.gguf could not be written after"
                        + " iteration \\d+ \\(.*\\), and the training stopped\\. Make room, then resume it from "
                        + before.getLast());
        assertThat(checkpoints()).isEqualTo(before);
        assertThat(folder.resolve("killed").toFile().list()).noneMatch(name -> name.endsWith(".part"));
        assertThat(start(command(40), null).waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(Sha256.of(folder.resolve("killed/adapter.gguf"))).isEqualTo(undisturbed);
    }

    private List<String> checkpoints() {
        return Stream.of(
                        Objects.requireNonNull(folder.resolve("killed").toFile().list()))
                .filter(name -> name.startsWith("checkpoint-"))
                .sorted()
                .toList();
    }

    /** Shells count in blocks of 512 or 1024 bytes. */
    private long blocksBelowACheckpoint() throws IOException {
        return Files.size(folder.resolve("killed").resolve(checkpoints().getLast())) * 3 / 4 / 1024;
    }

    /** Returns the last iteration that the killed process reported. */
    private int killAt(int iteration, int iterations, Random random) throws Exception {
        int before = log().length();
        Process process = start(command(iterations, iteration + MOST_ITERATIONS_LATER), null);
        while (process.isAlive() && reached(before) < iteration) {
            Thread.sleep(2);
        }
        Thread.sleep(random.nextInt(MOST_MILLIS_LATER));
        assertThat(process.isAlive())
                .as("the training is still going when it is killed")
                .isTrue();
        process.destroyForcibly().waitFor();
        return reached(before);
    }

    /** The last iteration that is reported after a position in the log; 0 if no iteration is. */
    private int reached(int from) throws IOException {
        return TRAINED.matcher(log().substring(from))
                .results()
                .map(MatchResult::group)
                .reduce((first, second) -> second)
                .map(line -> Integer.parseInt(line.replaceAll("\\D", "")))
                .orElse(0);
    }

    private String log() throws IOException {
        Path log = folder.resolve("killed/events.jsonl");
        return Files.exists(log) ? Files.readString(log) : "";
    }

    /** @param standstill the iteration at which the training stands still; without it, the training ends */
    private List<String> command(int iterations, int... standstill) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                TrainingRuns.class.getName(),
                folder.toString(),
                "killed",
                Integer.toString(iterations),
                Integer.toString(MILLIS_AN_ITERATION)));
        IntStream.of(standstill).mapToObj(Integer::toString).forEach(command::add);
        return command;
    }

    /** @param output where its output goes; null for nowhere */
    private static Process start(List<String> command, @Nullable Path output) throws IOException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(
                        output == null ? ProcessBuilder.Redirect.DISCARD : ProcessBuilder.Redirect.to(output.toFile()))
                .start();
    }
}
