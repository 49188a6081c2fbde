package io.lethean.lem;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.model.Libraries;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code scripts/check-natives} on the libraries of this machine, which are not for other machines: they need the
 * compiler's library and the glibc that they were linked with. And the scripts that only other systems run.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the script is tried on ELF libraries")
class NativesScriptsIT {

    @TempDir
    private Path scratch;

    private record Run(int code, String output) {}

    private Run run(String... command) throws IOException, InterruptedException {
        Path output = scratch.resolve("output");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Run(process.exitValue(), Files.readString(output));
    }

    private Run check(String platform, Path folder) throws IOException, InterruptedException {
        return run("scripts/check-natives", platform, folder.toString());
    }

    private Path copyOfLibraries() throws IOException {
        Path folder = Files.createDirectory(scratch.resolve("libraries"));
        try (Stream<Path> files = Files.list(Libraries.loaded().folder())) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
        return folder;
    }

    @Test
    void libraryThatNeedsMoreThanEverySystemHas_isRefused() throws Exception {
        Run run = check(Libraries.loaded().platform(), Libraries.loaded().folder());

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.output())
                .containsPattern(
                        "liblem-llama\\.so needs (glibc \\d+\\.\\d+, and 2\\.28 is the latest|the compiler's own"
                                + " library|libstdc)");
    }

    @Test
    void libraryOfAnotherPlatform_isRefusedWithBothNames() throws Exception {
        String platform = Libraries.loaded().platform();
        String other = platform.equals("linux-aarch64") ? "linux-x86_64" : "linux-aarch64";

        Run run = check(other, Libraries.loaded().folder());

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.output())
                .contains("liblem-shim.so was built for " + platform + ", and " + other + " is expected.");
    }

    @Test
    void cutLibrary_isRefused() throws Exception {
        Path folder = copyOfLibraries();
        long size = Files.size(folder.resolve("liblem-ggml.so"));
        try (RandomAccessFile file =
                new RandomAccessFile(folder.resolve("liblem-ggml.so").toFile(), "rw")) {
            file.setLength(size / 2);
        }

        Run run = check(Libraries.loaded().platform(), folder);

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.output()).contains("liblem-ggml.so is cut: ");
    }

    @Test
    void missingLibraryAndMissingBackend_areNamed() throws Exception {
        Path folder = Files.createDirectory(scratch.resolve("empty"));

        Run run = check("macos-aarch64", folder);

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.output())
                .contains("liblem-llama.dylib does not exist.")
                .contains(folder + " has no CPU backend (libggml-cpu*.so).");
    }

    @Test
    void unknownPlatform_isRefused() throws Exception {
        assertThat(check("amiga-68000", scratch).output())
                .contains("the platform amiga-68000 is unknown; it begins with linux, macos or windows.");
        assertThat(run("native/build.sh", "--platform", "amiga-68000").output())
                .contains("native: the platform amiga-68000 is unknown; choose from linux-x86_64, linux-aarch64,"
                        + " windows-x86_64 and macos-aarch64.");
        assertThat(run("native/build.sh", "--platform", "linux-aarch64", "--backends", "vulkan")
                        .output())
                .contains("native: with --platform only the backend cpu can be built, and cpu,vulkan was asked for.");
    }

    @Test
    void scriptForMacs_saysWhereItRuns() throws Exception {
        Run run = run("scripts/mac-check");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.output())
                .contains("mac-check: this is Linux on ")
                .contains("run it on a Mac with Apple's processor.");
    }

    @Test
    void scriptsForMacs_useNothingThatBash3Lacks() throws Exception {
        for (String script : List.of("scripts/mac-check", "native/build.sh", "native/fetch.sh", "native/common.sh")) {
            assertThat(Files.readString(Path.of(script)))
                    .as(script)
                    .doesNotContainPattern(
                            "declare -A|mapfile|readarray|\\|&|&>>|\\$\\{\\w+(,,|\\^\\^|@)|local -n|coproc");
        }
    }

    /** The JVM gets the same arguments from both launchers. */
    @Test
    void launcherOfWindows_startsWhatTheOtherStarts() throws IOException {
        String unix = Files.readString(Path.of("lem"), StandardCharsets.UTF_8);
        String windows = Files.readString(Path.of("lem.cmd"), StandardCharsets.UTF_8);

        for (String argument : List.of(
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xlog:aot=off -Xlog:cds=off",
                "--enable-native-access=io.lethean.lem",
                "-m io.lethean.lem.cli/io.lethean.lem.cli.Lem")) {
            assertThat(unix).contains(argument);
            assertThat(windows).contains(argument);
        }
        assertThat(unix).contains("-p \"$here/target/lib\"").contains("\"-Dlem.home=$here\" $LEM_JAVA_OPTS");
        assertThat(windows).contains("-p \"%here%\\target\\lib\"").contains("\"-Dlem.home=%here%\" %LEM_JAVA_OPTS%");
    }
}
