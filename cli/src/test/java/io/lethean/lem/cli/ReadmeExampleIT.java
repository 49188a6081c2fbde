package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The first example of {@code README.md} is a program in {@code examples} that runs as it stands. */
class ReadmeExampleIT {

    private static final Path EXAMPLE = Path.of("examples/ask/Ask.java");

    @Test
    void firstExampleOfTheReadme_isTheProgram() throws IOException {
        String program = Files.readAllLines(EXAMPLE).stream()
                .dropWhile(line -> line.startsWith("//") || line.isEmpty())
                .collect(Collectors.joining("\n", "", "\n"));
        String readme = Files.readString(Path.of("README.md"));
        int start = readme.indexOf("```java\n") + "```java\n".length();

        assertThat(readme.substring(start, readme.indexOf("```", start))).isEqualTo(program);
    }

    @Test
    void program_answersWithTheModelThatItIsGiven() throws Exception {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Dlem.native.path=" + System.getProperty("lem.native.path", ""),
                "-cp",
                System.getProperty("java.class.path"),
                EXAMPLE.toString(),
                "models/lem-nano.gguf");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        assertThat(output).hasSizeGreaterThan(200).containsAnyOf("LENGTH", "END_OF_TURN");
    }
}
