package io.lethean.lem.cli;

import io.lethean.lem.bench.Rescorer;
import io.lethean.lem.score.Scorers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lem score}: scores recorded answers. */
@Command(
        name = "score",
        description = {
            "Score recorded answers: A/B lines are written again with new scores, lines with id and response are answered"
                    + " by id, lek_score and heuristic.",
            "A line that cannot be read is reported and the others are scored."
        })
final class ScoreCommand implements Callable<Integer> {

    private final Console console;

    @Option(
            names = {"-i", "--input"},
            paramLabel = "FILE",
            required = true,
            description = "JSON Lines with answers.")
    private Path input = Path.of("");

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Where the scores go; never the input. Default: standard output.")
    private @Nullable Path output;

    @Option(names = "--scorer", paramLabel = "NAME", description = "Which rules. Default: ${DEFAULT-VALUE}.")
    private String scorer = "v2";

    ScoreCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Rescorer rescorer = new Rescorer(Scorers.named(scorer));
        Rescorer.Outcome outcome =
                output == null ? rescorer.rescore(input, console.out()) : rescorer.rescore(input, output);
        console.out().flush();
        outcome.problems().forEach(problem -> console.note("lem: " + problem));
        console.note("%d answers scored with %s%s".formatted(
                outcome.answers(), scorer, output == null ? "" : " into " + output));
        return outcome.problems().isEmpty() ? 0 : 1;
    }
}
