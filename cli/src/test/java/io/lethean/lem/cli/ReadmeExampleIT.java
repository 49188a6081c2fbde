package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The first example of {@code README.md} is a program in {@code examples} that runs as it stands. */
class ReadmeExampleIT {

    private static final ExampleProgram EXAMPLE = ExampleProgram.of("examples/ask/Ask.java");

    @Test
    void firstExampleOfTheReadme_isTheProgram() throws IOException {
        EXAMPLE.assertIsFirstIn(Path.of("README.md"));
    }

    @Test
    void program_answersWithTheModelThatItIsGiven() throws Exception {
        Process process = EXAMPLE.start("models/lem-nano.gguf");
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        assertThat(output).hasSizeGreaterThan(200).containsAnyOf("LENGTH", "END_OF_TURN");
    }
}
