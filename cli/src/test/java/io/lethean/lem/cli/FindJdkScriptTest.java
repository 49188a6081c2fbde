package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code scripts/find-jdk} with stand-ins for JDKs, which are newer than any real one. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "a shell script")
class FindJdkScriptTest {

    @TempDir
    private Path home;

    private Path jdk(String name, String version) throws IOException {
        Path folder = Files.createDirectories(home.resolve(name));
        Files.createDirectories(folder.resolve("bin"));
        for (String program : new String[] {"java", "javac"}) {
            Files.writeString(folder.resolve("bin/" + program), "#!/bin/sh\n");
            assertThat(folder.resolve("bin/" + program).toFile().setExecutable(true))
                    .isTrue();
        }
        Files.writeString(folder.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
        return folder;
    }

    private String find(Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", "scripts/find-jdk").redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(Map.of("HOME", home.toString(), "PATH", "/usr/bin:/bin"));
        builder.environment().putAll(environment);
        return new String(builder.start().getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }

    @Test
    void newestOfTheInstalledOnes_isTaken() throws IOException {
        jdk(".jdks/a", "97");
        Path newest = jdk(".jdks/b", "99.0.1");
        jdk(".jdks/c", "98.0.10");

        assertThat(find(Map.of())).isEqualTo(newest.toString());
    }

    @Test
    void newestUpdateOfAVersion_isTaken() throws IOException {
        jdk(".jdks/a", "99");
        jdk(".jdks/b", "99.0.9");
        Path newest = jdk(".jdks/c", "99.0.10");
        jdk(".sdkman/candidates/java/d", "99.0.2");

        assertThat(find(Map.of())).isEqualTo(newest.toString());
    }

    @Test
    void javaHomeComesFirst_thenJavaOnThePath() throws IOException {
        jdk(".jdks/a", "99");
        Path path = jdk("on-path", "26.0.1");
        Path named = jdk("named", "25");

        assertThat(find(Map.of("PATH", path + "/bin:/usr/bin:/bin")))
                .isEqualTo(path.toRealPath().toString());
        assertThat(find(Map.of("PATH", path + "/bin:/usr/bin:/bin", "JAVA_HOME", named.toString())))
                .isEqualTo(named.toString());
    }

    @Test
    void javaHomeThatIsTooOld_isPassedOver() throws IOException {
        Path old = jdk("old", "24.0.2");
        Path good = jdk(".jdks/a", "99");

        assertThat(find(Map.of("JAVA_HOME", old.toString()))).isEqualTo(good.toString());
    }
}
