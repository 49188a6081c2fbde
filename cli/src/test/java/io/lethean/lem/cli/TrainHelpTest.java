package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.train.options.TrainingFiles;
import io.lethean.lem.train.options.TrainingOptions;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The options of {@code lem train} and their text. */
class TrainHelpTest {

    @Command(name = "train")
    private static final class OptionsAlone {
        @Mixin
        private final TrainArguments arguments = new TrainArguments();
    }

    @Test
    void helpHasHeadings_andDefaultsInLowerCase() {
        String help = CommandRun.of("train", "--help").out();

        assertThat(help)
                .containsSubsequence(
                        "\nModel and files:\n",
                        "--model",
                        "\nAdapter:\n",
                        "--fine-tune-type",
                        "lora.",
                        "--rank",
                        "Default: 8.",
                        "\nLength and samples:\n",
                        "--iters",
                        "Default: 1000.",
                        "\nOptimizer:\n",
                        "Default: 1.0E-5.",
                        "Default: constant.",
                        "Default: adam.",
                        "\nReports, validation and checkpoints:\n",
                        "\nDevice, threads and memory:\n",
                        "--threads");
        assertThat(help).containsSubsequence("\nWhat to do:\n", "--resume", "\nCommon options:\n", "--help");
        assertThat(help)
                .doesNotContain("LORA")
                .doesNotContain("ADAM")
                .doesNotContain("null")
                .doesNotContain("$");
    }

    @Test
    void everyOptionOfTheLibrary_isAnOptionOfTheCommand() {
        Set<String> library =
                new TreeSet<>(TrainingOptions.defaults(new TrainingFiles(Path.of("m"), Path.of("d"), Path.of("a")))
                        .named()
                        .keySet());
        library.remove("max-memory-bytes");
        library.add("max-memory");
        library.addAll(Set.of("alpha", "rslora", "test", "test-batches", "grad-checkpoint"));

        Set<String> command = new CommandLine(new OptionsAlone())
                .getCommandSpec().options().stream()
                        .map(option -> option.longestName().substring(2))
                        .collect(Collectors.toCollection(TreeSet::new));

        assertThat(command).isEqualTo(library).containsAll(TrainDefaults.OWN_DEFAULT);
    }

    @Test
    void everyOptionAppearsOnceInTheHelp() {
        List<String> lines = Arrays.stream(
                        CommandRun.of("train", "--help").out().split("\n"))
                .toList();
        for (String option : List.of("--model=", "--rank=", "--seed=", "--threads=", "--resume ", "--help ")) {
            assertThat(lines)
                    .filteredOn(line -> line.matches(" .*" + option + ".*") && !line.contains("["))
                    .hasSize(1);
        }
    }
}
