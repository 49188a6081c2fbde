package io.lethean.lem;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.model.Libraries;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code scripts/check-natives} on the libraries of this machine, which are not for other machines: they need the
 * compiler's library and the glibc that they were linked with. And the scripts that only other systems run, and the
 * lock of the native build.
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
    void backendOfAnyDevice_isCheckedToo() throws Exception {
        Path folder = copyOfLibraries();
        Files.writeString(folder.resolve("libggml-vulkan.so"), "not a library");

        Run run = check(Libraries.loaded().platform(), folder);

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.output()).contains("libggml-vulkan.so is not an ELF library of 64 bits.");
    }

    @Test
    void missingLibraryAndMissingBackend_areNamed() throws Exception {
        Path folder = Files.createDirectory(scratch.resolve("empty"));

        Run run = check("macos-aarch64", folder);

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.output())
                .contains("liblem-llama.dylib does not exist.")
                .contains(folder + " has no CPU backend (libggml-cpu*).");
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

    /** The script in a folder of its own, with a {@code make} that writes what Maven writes, and the names of a Mac. */
    @Test
    void scriptForMacs_collectsEveryReportAndSaysHowMuchWasSkipped() throws Exception {
        Path script = Files.createDirectory(scratch.resolve("scripts")).resolve("mac-check");
        Files.copy(Path.of("scripts/mac-check"), script);
        Path programs = Files.createDirectory(scratch.resolve("programs"));
        program(programs.resolve("uname"), "case $1 in -s) echo Darwin ;; *) echo arm64 ;; esac");
        program(programs.resolve("make"), """
                mkdir -p target/surefire-reports spark/target/surefire-reports
                touch target/surefire-reports/CoreTest.txt spark/target/surefire-reports/SparkTest.txt
                echo "[WARNING] Tests run: 7, Failures: 0, Errors: 0, Skipped: 7, Time elapsed: 0.1 s -- in CoreTest"
                echo "[WARNING] Tests run: 40, Failures: 0, Errors: 0, Skipped: 7"
                echo "[INFO] Tests run: 2, Failures: 0, Errors: 0, Skipped: 0"
                """);
        Path old = Files.createDirectories(scratch.resolve("cli/target/surefire-reports"))
                .resolve("OldTest.txt");
        Files.writeString(old, "of an earlier run");
        Files.setLastModifiedTime(old, FileTime.fromMillis(0));

        Run run = run("env", "PATH=" + programs + ":" + System.getenv("PATH"), script.toString(), "test");

        assertThat(run.code()).isZero();
        assertThat(run.output()).containsPattern("mac-check: test: exit code 0 after \\d+ s, 7 of 42 tests skipped\n");
        assertThat(scratch.resolve("target/mac-check/reports"))
                .isDirectoryContaining("glob:**/CoreTest.txt")
                .isDirectoryContaining("glob:**/SparkTest.txt")
                .isDirectoryNotContaining("glob:**/OldTest.txt");
    }

    private static void program(Path file, String text) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void buildIsOnlyAskedFor_nothingIsBuilt() throws Exception {
        Run run = run("env", "XDG_CACHE_HOME=" + scratch.resolve("cache"), "native/build.sh", "--if-built");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.output())
                .contains("does not have all that the present sources need for")
                .contains("it is not built yet.");
        assertThat(scratch.resolve("cache")).doesNotExist();
    }

    private Run withLock(Path lock, String command) throws IOException, InterruptedException {
        return run("timeout", "2", "bash", "-euc", ". native/common.sh; " + command.replace("LOCK", lock.toString()));
    }

    @Test
    void lockOfAProcessThatHasEnded_isTakenOver() throws Exception {
        Path lock = scratch.resolve("lock");

        Run run = withLock(
                lock, "mkdir LOCK; bash -c 'touch \"LOCK/$$@$0\"' \"$(process_space)\"; with_lock LOCK ls LOCK");

        assertThat(run.code()).isZero();
        assertThat(run.output()).matches("\\d+@.+@\\d+\n");
        assertThat(lock).doesNotExist();
    }

    /** A process of another container, or one that runs: its number says nothing, or that it is there. */
    @Test
    void lockOfAProcessElsewhere_isKept() throws Exception {
        Path lock = Files.createDirectory(scratch.resolve("lock"));
        long ended = new ProcessBuilder("true").start().pid();
        Path owner = Files.createFile(lock.resolve(ended + "@elsewhere@1"));

        Run run = withLock(lock, "with_lock LOCK echo inside");

        assertThat(run.code()).isEqualTo(124);
        assertThat(run.output())
                .isEqualTo("Waiting for the process " + owner.getFileName()
                        + " to do the same work; if it has ended, remove " + lock + ".\n");
        assertThat(owner).exists();
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
