package io.lethean.lem.convert;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.internal.io.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Kills conversions as {@code kill -9} does, and lets others meet a full disk. */
class ConvertKillIT {

    private static final int KILLS = Integer.getInteger("lem.kills", 6);
    private static final long SEED = Long.getLong("lem.kill.seed", 20260102);

    @TempDir
    private Path folder;

    /** Converts a folder to a file of a type. */
    static final class Child {

        private Child() {}

        public static void main(String[] arguments) throws IOException {
            try {
                Convert.run(ConvertOptions.of(Path.of(arguments[0]), Path.of(arguments[1]))
                        .withType(arguments[2])
                        .withProgress((tensor, done, total) -> System.out.println(done)));
            } catch (IOException refused) {
                System.out.println(refused.getMessage());
                System.exit(1);
            }
        }
    }

    private Process start(Path model, Path output, List<String> before) throws IOException {
        List<String> command = new ArrayList<>(before);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx256m",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))));
        String natives = System.getProperty("lem.native.path");
        if (natives != null) {
            command.add("-Dlem.native.path=" + natives);
        }
        command.addAll(List.of(Child.class.getName(), model.toString(), output.toString(), "q4_K_M"));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("said.txt").toFile())
                .start();
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("out"))) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void killedConversions_leaveNoFileOfTheName_andTheNextGivesTheSameBytes() throws Exception {
        Path model = RandomFolder.of("llama").write(folder.resolve("llama"));
        Path whole = folder.resolve("whole.gguf");
        long begun = System.nanoTime();
        assertThat(start(model, whole, List.of()).waitFor(120, TimeUnit.SECONDS))
                .isTrue();
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
        Path output = Files.createDirectory(folder.resolve("out")).resolve("model.gguf");
        Random random = new Random(SEED);
        int left = 0;
        for (int i = 0; i < KILLS; i++) {
            Process child = start(model, output, List.of());
            child.waitFor(millis / 4 + random.nextLong(millis * 3 / 4), TimeUnit.MILLISECONDS);
            child.destroyForcibly().waitFor();
            if (Files.exists(output)) {
                assertThat(output).hasSameBinaryContentAs(whole);
                Files.delete(output);
            }
            left += files().size();
        }
        System.out.println("Seed " + SEED + ": " + KILLS + " kills left " + left + " files");
        Process last = start(model, output, List.of());
        assertThat(last.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(last.exitValue()).isZero();
        assertThat(Sha256.of(output)).isEqualTo(Sha256.of(whole));
        assertThat(files()).containsExactly("model.gguf");
    }

    /** The limit of a file's size has the effect of a full disk. */
    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "ulimit is missing")
    void fullDisk_isOneSentenceWithTheOutput_andNothingIsLeft() throws Exception {
        Path model = RandomFolder.of("llama").write(folder.resolve("llama"));
        Path output = Files.createDirectory(folder.resolve("out")).resolve("model.gguf");
        Files.writeString(output, "older");
        Process full = start(model, output, List.of("sh", "-c", "ulimit -f 1000; exec \"$@\"", "sh"));
        assertThat(full.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(full.exitValue()).isEqualTo(1);
        assertThat(Files.readString(folder.resolve("said.txt")))
                .contains(output + " could not be written: ")
                .contains("Free some space there, or choose another folder.");
        assertThat(output).hasContent("older");
        assertThat(files()).containsExactly("model.gguf");
    }
}
