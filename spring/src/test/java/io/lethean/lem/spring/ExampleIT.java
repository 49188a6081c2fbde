package io.lethean.lem.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles {@code examples/spring} and runs it in a JVM of its own. */
class ExampleIT {

    private static final String CLASS_PATH =
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));

    @TempDir
    Path folder;

    private String run(String model) throws IOException, InterruptedException {
        return run(model, System.getProperty("lem.native.path", ""));
    }

    private String run(String model, String nativePath) throws IOException, InterruptedException {
        int compiled = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-parameters",
                        "-proc:none",
                        "-cp",
                        CLASS_PATH,
                        "-d",
                        folder.toString(),
                        "examples/spring/src/main/java/example/ChatApplication.java");
        assertThat(compiled).isZero();
        Path output = folder.resolve("output.txt");
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dlem.native.path=" + nativePath,
                        "-cp",
                        folder + System.getProperty("path.separator") + CLASS_PATH,
                        "example.ChatApplication",
                        "--spring.main.banner-mode=off",
                        "--lem.chat.load.threads=1",
                        "--lem.chat.load.device=cpu",
                        "--lem.chat.model=" + model))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        boolean ended = process.waitFor(240, TimeUnit.SECONDS);
        process.destroyForcibly();
        String text = Files.readString(output);
        assertThat(ended).as(text).isTrue();
        assertThat(process.exitValue()).as(text).isZero();
        return text;
    }

    @Test
    void onLemNano_streamsFillsARecordAndCallsATool() throws IOException, InterruptedException {
        assertThat(run(Nano.FILE.toString())).containsPattern("Answer\\[colour=(BLUE|GREEN|RED), sure=(true|false)]");
    }

    @Test
    void missingModel_endsWithASentence() throws IOException, InterruptedException {
        Path output = folder.resolve("ignored");
        assertThat(org.assertj.core.api.Assertions.catchThrowable(
                        () -> run(output.resolve("no.gguf").toString())))
                .hasMessageContaining("APPLICATION FAILED TO START")
                .hasMessageContaining("The property lem.chat.model is")
                .hasMessageContaining("there is no file")
                .hasMessageNotContaining("at io.lethean");
    }

    @Test
    void missingNativeLibraries_endWithASentence() throws IOException, InterruptedException {
        String nowhere = folder.resolve("nowhere").toString();
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> run(Nano.FILE.toString(), nowhere)))
                .hasMessageContaining("APPLICATION FAILED TO START")
                .hasMessageContaining(nowhere)
                .hasMessageContaining("with the classifier of this platform")
                .hasMessageNotContaining("at io.lethean");
    }

    @Test
    @Tag("real")
    void onARealModel_theToolTellsTheTime() throws IOException, InterruptedException {
        assertThat(run(Fixtures.realModel("smollm2").toString())).contains("Answer[colour=", "It is noon in ");
    }
}
