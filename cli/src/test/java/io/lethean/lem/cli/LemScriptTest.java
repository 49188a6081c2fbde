package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The {@code lem} script with a stand-in for Java that prints what it was started with. */
class LemScriptTest {

    @TempDir
    private Path folder;

    @BeforeEach
    void requireAShell() {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "no /bin/sh here");
    }

    private String run(String checkout, Map<String, String> environment) throws IOException {
        return run(checkout, environment, "chat");
    }

    private String run(String checkout, Map<String, String> environment, String... arguments) throws IOException {
        Path home = Files.createDirectories(folder.resolve(checkout));
        Files.createDirectories(home.resolve("target"));
        Files.writeString(home.resolve("target/lem.jar"), "");
        Files.copy(Path.of("lem"), home.resolve("lem"), StandardCopyOption.REPLACE_EXISTING);
        executable(home.resolve("scripts/find-jdk"), "#!/bin/sh\necho " + folder.resolve("jdk") + "\n");
        executable(folder.resolve("jdk/bin/java"), "#!/bin/sh\necho \"LC_ALL=$LC_ALL\" \"$@\"\n");
        List<String> command =
                new ArrayList<>(List.of("/bin/sh", home.resolve("lem").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().remove("LC_ALL");
        builder.environment().remove("TMPDIR");
        builder.environment().putAll(environment);
        Process process = builder.redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static void executable(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    @Test
    void localeWithoutUtf8_isReplaced() throws IOException {
        assertThat(run("c", Map.of("LC_ALL", "C"))).startsWith("LC_ALL=C.UTF-8 -XX:");
    }

    @Test
    void localeWithUtf8_isKept() throws IOException {
        assertThat(run("c", Map.of("LC_ALL", "C.UTF-8"))).startsWith("LC_ALL=C.UTF-8 -XX:");
        assertThat(run("d", Map.of("LANG", "C.UTF-8"))).startsWith("LC_ALL= -XX:");
    }

    @Test
    void tmpdirIsJavasTemporaryFolder() throws IOException {
        assertThat(run("c", Map.of("TMPDIR", "/var/tmp/a b"))).contains(" -Djava.io.tmpdir=/var/tmp/a b ");
        assertThat(run("d", Map.of())).doesNotContain("java.io.tmpdir");
    }

    @Test
    void moreJars_areOnTheClassPathWithOurs() throws IOException {
        String command = run("c", Map.of("LEM_CLASS_PATH", "/opt/spark/*"));

        assertThat(command)
                .contains(" --enable-native-access=ALL-UNNAMED ")
                .contains(" -cp " + folder.resolve("c/target/lib") + "/*:/opt/spark/* io.lethean.lem.cli.Lem chat")
                .doesNotContain(" -m ");
        assertThat(run("d", Map.of())).contains(" -m io.lethean.lem.cli/").doesNotContain(" -cp ");
    }

    @Test
    void colonInTheFolder_isASentence() throws IOException {
        assertThat(run("a:b", Map.of())).startsWith("lem: the folder ").contains("has a ':' in its name");
    }

    @Test
    void shortCommandsOnly_areCompiledByTheFastCompiler() throws IOException {
        String tier = " -XX:TieredStopAtLevel=1 ";
        for (String[] brief :
                new String[][] {{"info"}, {}, {"--version"}, {"train", "--help"}, {"generate", "-p", "x"}}) {
            assertThat(run("c", Map.of(), brief)).as(String.join(" ", brief)).contains(tier);
        }
        for (String[] lasting : new String[][] {{"train", "--data", "info"}, {"benchmark"}, {"score"}, {"serve"}}) {
            assertThat(run("c", Map.of(), lasting))
                    .as(String.join(" ", lasting))
                    .doesNotContain(tier);
        }
    }

    @Test
    void optionsOfTheUser_comeAfterOurs() throws IOException {
        assertThat(run("c", Map.of("LEM_JAVA_OPTS", "-XX:TieredStopAtLevel=4 -Xmx1g"), "info"))
                .containsSubsequence("-XX:TieredStopAtLevel=1 ", "-XX:TieredStopAtLevel=4 -Xmx1g ", " -m ");
    }
}
