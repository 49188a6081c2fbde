package io.lethean.lem.cli;

import io.lethean.lem.evaluation.report.ReportForm;
import io.lethean.lem.evaluation.report.ResultFile;
import io.lethean.lem.evaluation.report.RunReport;
import io.lethean.lem.evaluation.report.TrainingReport;
import io.lethean.lem.evaluation.stats.Bootstrap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lem report}: recorded answers as people look at them. */
@Command(
        name = "report",
        description = {
            "Show recorded answers: means with intervals, with and without flagged answers, paired differences from the"
                    + " baseline, tests, flags.",
            "Or the curves of a training, given its adapter folder, or of all phases of a curriculum.",
            "Lines that cannot be read are reported and skipped."
        })
final class ReportCommand implements Callable<Integer> {

    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "INPUT", description = "JSON Lines with answers or scores, or the folder of a training.")
    private Path input = Path.of("");

    @Mixin
    private RecordedArguments recorded = new RecordedArguments();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description =
                    "Write the report in the form of the suffix: .html is one page with plots and answers, .md the"
                            + " table, .csv a row per answer, .json the statistics. Repeatable. Default: the table on standard"
                            + " output.")
    private List<Path> outputs = List.of();

    @Mixin
    private OverwriteOption overwrite = new OverwriteOption();

    ReportCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Usage.valid(spec, () -> outputs.stream().map(ReportForm::of).toList());
        if (TrainingReport.isTraining(input)) {
            return training();
        }
        new Outputs(spec).reads(input, recorded.questions).writes(overwrite.given, outputs);
        ResultFile file = recorded.read(input);
        RunReport report = new RunReport(file, Bootstrap.defaults());
        if (outputs.isEmpty()) {
            console.out().print(report.toText());
            console.out().flush();
        }
        write(report, outputs);
        return RecordedArguments.report(console, file);
    }

    private int training() throws IOException {
        Outputs files = new Outputs(spec);
        if (Files.isDirectory(input)) {
            files.readsAll(input);
        } else {
            files.reads(input);
        }
        files.writes(overwrite.given, outputs);
        TrainingReport report = TrainingReport.read(input);
        if (outputs.isEmpty()) {
            console.out().print(report.toText());
            console.out().flush();
        }
        for (Path file : outputs) {
            ReportForm.write(file, report.as(ReportForm.of(file)));
        }
        return 0;
    }

    static void write(RunReport report, List<Path> files) throws IOException {
        for (Path file : files) {
            ReportForm.write(file, report.as(ReportForm.of(file)));
        }
    }
}
