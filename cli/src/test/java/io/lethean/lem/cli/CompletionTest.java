package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The completion script, checked and run by bash itself. */
class CompletionTest {

    private static final Path BASH = Path.of("/bin/bash");

    @TempDir
    private Path folder;

    private static String bash(String... arguments) throws IOException, InterruptedException {
        Assumptions.assumeTrue(Files.isExecutable(BASH), "no bash here");
        List<String> command = new ArrayList<>(List.of(BASH.toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
        return said;
    }

    private Path script() throws IOException {
        return Files.writeString(
                folder.resolve("lem.bash"), CommandRun.of("completion", "bash").out());
    }

    private String completed(String... words) throws IOException, InterruptedException {
        String line = String.join(" ", words);
        return bash(
                "-c",
                "source " + script() + "; COMP_WORDS=(" + line + "); COMP_CWORD=" + (words.length - 1) + "; COMP_LINE='"
                        + line + "'; COMP_POINT=" + line.length()
                        + "; _complete_lem 2>/dev/null; printf '%s\n' \"${COMPREPLY[@]}\"");
    }

    @Test
    void scriptHasNoSyntaxErrors() throws Exception {
        assertThat(bash("-n", script().toString())).isEmpty();
    }

    @Test
    void commandsOptionsAndValuesAreCompleted() throws Exception {
        assertThat(completed("lem", "gen").strip()).isEqualTo("generate");
        assertThat(completed("lem", "chat", "--max").strip()).isEqualTo("--max-tokens");
        assertThat(completed("lem", "standard", "--benchmark", "do").strip()).isEqualTo("do-not-answer");
        assertThat(completed("lem", "score", "--scorer", "gsm").lines()).contains("gsm8k", "gsm8k-strict");
    }

    @Test
    void zshGetsTheScriptAfterItsOwnSetUp() {
        assertThat(CommandRun.of("completion", "ZSH").out()).startsWith("autoload -Uz compinit");
    }
}
