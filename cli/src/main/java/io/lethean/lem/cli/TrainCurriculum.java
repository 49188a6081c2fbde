package io.lethean.lem.cli;

import io.lethean.lem.evaluation.curriculum.Curriculum;
import io.lethean.lem.evaluation.curriculum.CurriculumFiles;
import io.lethean.lem.evaluation.curriculum.CurriculumListener;
import io.lethean.lem.evaluation.curriculum.CurriculumResult;
import io.lethean.lem.evaluation.curriculum.CurriculumRunner;
import io.lethean.lem.evaluation.curriculum.Phase;
import io.lethean.lem.evaluation.curriculum.PhaseResult;
import io.lethean.lem.evaluation.curriculum.PhaseScores;
import io.lethean.lem.evaluation.run.RunListener;
import io.lethean.lem.model.Cancellation;
import io.lethean.lem.train.TrainingListener;
import io.lethean.lem.train.options.TrainingOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** {@code lem train --curriculum}: parses, calls and prints. */
final class TrainCurriculum implements CurriculumListener {

    private static final Set<String> ALLOWED = Set.of(
            "--curriculum",
            "--resume",
            "--model",
            "--adapter-path",
            "--resume-adapter-file",
            "--device",
            "--threads",
            "--max-memory");

    private final Console console;
    private final CommandSpec command;
    private final Path file;
    private final boolean resume;

    TrainCurriculum(Console console, CommandSpec command, Path file, boolean resume) {
        this.console = console;
        this.command = command;
        this.file = file;
        this.resume = resume;
    }

    int run(TrainArguments arguments, Cancellation cancellation) throws IOException {
        for (OptionSpec given : command.commandLine().getParseResult().matchedOptions()) {
            if (!ALLOWED.contains(given.longestName()) && !given.inherited()) {
                throw Usage.error(
                        command,
                        given.longestName() + " cannot be given with --curriculum; write it into " + file + ".");
            }
        }
        TrainingOptions options = arguments.options(false);
        Curriculum curriculum = Curriculum.read(file);
        Outputs outputs =
                new Outputs(command).reads(file, options.files().model()).reads(curriculum.files());
        outputs.fillsAll(options.files().adapterFolder());
        arguments.model().announce(console);
        CurriculumFiles files = new CurriculumFiles(
                options.files().model(),
                options.files().adapterFolder(),
                Optional.ofNullable(options.tuning().resumeAdapterFile()));
        CurriculumRunner runner = new CurriculumRunner(curriculum, files, options.resources(), this);
        return print(runner.run(resume, cancellation));
    }

    @Override
    public void phaseStarted(int number, int count, Phase phase) {
        console.note("Phase " + number + " of " + count + ": " + phase.name());
    }

    @Override
    public void phaseEnded(PhaseResult result) {
        StringBuilder line =
                new StringBuilder("Phase " + result.phase().name() + ": " + result.iterations() + " iterations");
        if (Double.isFinite(result.loss())) {
            line.append(
                    String.format(Locale.ROOT, ", validation loss %.4f -> %.4f", result.startLoss(), result.loss()));
        }
        result.scores().ifPresent(scores -> line.append(described(scores)));
        console.out().println(line + ": " + result.adapter());
        console.out().flush();
    }

    private static String described(PhaseScores scores) {
        String score = String.format(Locale.ROOT, ", score %.2f", scores.mean());
        return score
                + scores.difference()
                        .flatMap(difference -> difference
                                .interval()
                                .map(interval -> String.format(
                                        Locale.ROOT,
                                        " (%+.2f, 95 %% interval %.2f to %.2f)",
                                        difference.mean().orElse(Double.NaN),
                                        interval.low(),
                                        interval.high())))
                        .orElse("");
    }

    @Override
    public TrainingListener training() {
        return new TrainProgress(console);
    }

    @Override
    public RunListener answers() {
        return new BenchmarkProgress(console);
    }

    private int print(CurriculumResult result) {
        console.out()
                .println(
                        switch (result.end()) {
                            case COMPLETE ->
                                "All " + result.phases().size() + " phases passed: "
                                        + result.adapter().orElseThrow();
                            case GATE_FAILED -> result.failure().orElseThrow();
                            case CANCELLED -> "Cancelled; continue with --resume.";
                        });
        console.out().flush();
        return result.end() == CurriculumResult.End.GATE_FAILED ? 1 : 0;
    }
}
