package io.lethean.lem.evaluation.standard;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.evaluation.run.RunFiles;
import io.lethean.lem.internal.io.JsonLineReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kills a standard benchmark as {@code kill -9} does, tears its last lines, and lets it finish. */
class StandardRunnerKillTest {

    private static final int KILLS = 3;
    private static final int MILLIS_PER_ANSWER = 20;
    private static final String NO_LIMIT = Integer.toString(Integer.MAX_VALUE);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void killedRuns_endInTheUndisturbedFileAndAskNothingTwice(boolean choices) throws Exception {
        Path undisturbed = folder.resolve("undisturbed.jsonl");
        SlowStandard.main(new String[] {undisturbed.toString(), "0", Boolean.toString(choices), NO_LIMIT});
        Path output = folder.resolve("killed.jsonl");
        Random random = new Random(20260101);
        for (int kill = 0; kill < KILLS; kill++) {
            killAfter(1 + random.nextInt(5), random, output, choices);
            String torn = "{\"id\": \"Q1\", \"respo";
            Files.writeString(output, torn, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            Files.writeString(RunFiles.logOf(output), "{\"type\": \"answer\", \"pro", StandardOpenOption.APPEND);
        }

        Process last = start(output, choices, NO_LIMIT);

        assertThat(last.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(last.exitValue()).isZero();
        assertThat(StandardRuns.timeless(output)).isEqualTo(StandardRuns.timeless(undisturbed));
        assertNothingIsAskedAfterItsAnswer(output);
        assertThat(output.resolveSibling("killed.jsonl.lock")).doesNotExist();
    }

    /** The process gives one answer more at most: 3 kills with up to 6 answers each leave some of 40 for the last process. */
    private static void killAfter(int asks, Random random, Path output, boolean choices) throws Exception {
        int enough = asks(output) + asks;
        Process process = start(output, choices, Integer.toString(asks + 1));
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

    private static void assertNothingIsAskedAfterItsAnswer(Path output) throws IOException {
        Set<Object> answered = new HashSet<>();
        Set<Object> ids = new HashSet<>();
        int asked = 0;
        for (Map<String, Object> line : JsonLineReader.readAll(RunFiles.logOf(output))) {
            switch ((String) line.get("type")) {
                case "ask" -> {
                    assertThat(answered).doesNotContain(line.get("id"));
                    ids.add(line.get("id"));
                    asked++;
                }
                case "answer" -> assertThat(answered.add(line.get("id"))).isTrue();
                default -> {}
            }
        }
        assertThat(ids).hasSize(SlowStandard.QUESTIONS);
        assertThat(asked).isBetween(SlowStandard.QUESTIONS, SlowStandard.QUESTIONS + KILLS);
    }

    private static Process start(Path output, boolean choices, String most) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SlowStandard.class.getName(),
                        output.toString(),
                        Integer.toString(MILLIS_PER_ANSWER),
                        Boolean.toString(choices),
                        most)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
