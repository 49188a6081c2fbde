package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code lem pretrain} on a text of a few lines. */
class PretrainCommandIT {

    @TempDir
    Path folder;

    private CommandRun pretrain(String... more) throws IOException {
        String text = IntStream.range(0, 60)
                .mapToObj(i -> "The bridge number " + i + " is open, and the river is high.")
                .collect(Collectors.joining("\n***\n"));
        Files.writeString(folder.resolve("text.txt"), text);
        List<String> arguments = new ArrayList<>(List.of(
                "pretrain",
                folder.resolve("text.txt").toString(),
                "--output",
                folder.resolve("m.gguf").toString(),
                "--work",
                folder.resolve("work").toString(),
                "--layers",
                "1",
                "--width",
                "32",
                "--heads",
                "1",
                "--feed-forward",
                "32",
                "--vocabulary",
                "300",
                "--window",
                "16",
                "--context",
                "128",
                "--epochs",
                "1"));
        arguments.addAll(List.of(more));
        return CommandRun.of(arguments.toArray(String[]::new));
    }

    @Test
    void printsItsLosses_andWhatTheModelIsWorth() throws IOException {
        CommandRun run = pretrain();

        assertThat(run.err()).contains("Iter 0: Val loss ");
        assertThat(run.out()).contains(" parameters in ", " bits per byte, a byte bigram ");
        assertThat(run.code()).isZero();
        assertThat(folder.resolve("m.gguf")).exists();
    }

    @Test
    void aShapeThatCannotBe_isOneSentence() throws IOException {
        CommandRun run = pretrain("--key-heads", "3");

        assertThat(run.err())
                .startsWith("lem: A model needs layers (1), heads (1) that divide its hidden size (32)")
                .contains("that KV heads (3) divide")
                .doesNotContain("\tat ");
        assertThat(run.code()).isEqualTo(1);
        assertThat(folder.resolve("work")).doesNotExist();
    }
}
