package io.lethean.lem.cli;

import io.lethean.lem.evaluation.report.ResultFile;
import io.lethean.lem.evaluation.score.Sample;
import io.lethean.lem.evaluation.score.Scorers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say by which scores recorded answers are looked at. */
final class RecordedArguments {

    @Option(
            names = "--scorer",
            paramLabel = "NAME",
            converter = ScorerNames.Rules.class,
            completionCandidates = ScorerNames.Rules.class,
            description = "Score the recorded answers again with this scorer: ${COMPLETION-CANDIDATES}."
                    + " Default: the recorded scores.")
    private @Nullable String scorer;

    @Option(
            names = "--questions",
            paramLabel = "FILE",
            description = "Reference answers by id, for scorers that need them, such as gsm8k.")
    @Nullable
    Path questions;

    ResultFile read(Path file) throws IOException {
        if (scorer == null) {
            return withScores(file, ResultFile.read(file));
        }
        Map<String, Sample> samples = questions == null ? Map.of() : Sample.readAll(questions);
        return withScores(file, ResultFile.read(file, Scorers.named(scorer), samples));
    }

    private ResultFile withScores(Path file, ResultFile read) {
        if (read.probes().isEmpty()) {
            throw new IllegalArgumentException(
                    read.problems().isEmpty()
                            ? file + " holds no answers; expected JSON Lines with answers or scores."
                            : String.format(
                                    Locale.ROOT,
                                    "No line of %s can be read; the first: %s",
                                    file,
                                    read.problems().getFirst()));
        }
        boolean scored = read.conditions().stream()
                .anyMatch(name -> !read.scores(name).means().isEmpty());
        if (!scored) {
            throw new IllegalArgumentException(
                    scorer == null
                            ? String.format(
                                    Locale.ROOT,
                                    "%s holds answers without scores; choose one of %s with --scorer.",
                                    file,
                                    String.join(", ", Scorers.names()))
                            : String.format(
                                    Locale.ROOT,
                                    "No answer in %s can be scored by %s; does it need --questions?",
                                    file,
                                    scorer));
        }
        return read;
    }

    /** Prints the values that cannot be used and the lines that could not be read; 1 if there are such lines. */
    static int report(Console console, ResultFile... files) {
        int code = 0;
        for (ResultFile file : files) {
            file.notes().forEach(note -> console.note("lem: " + note));
            for (String problem : file.problems()) {
                console.note("lem: " + problem);
                code = 1;
            }
        }
        return code;
    }
}
