package io.lethean.lem.cli;

import io.lethean.lem.evaluation.report.ReportForm;
import io.lethean.lem.evaluation.report.ResultFile;
import io.lethean.lem.evaluation.report.RunReport;
import io.lethean.lem.evaluation.stats.Bootstrap;
import java.io.IOException;
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
            "Lines that cannot be read are reported and skipped."
        })
final class ReportCommand implements Callable<Integer> {

    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "INPUT", description = "JSON Lines with answers or scores.")
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

    static void write(RunReport report, List<Path> files) throws IOException {
        for (Path file : files) {
            ReportForm.write(file, report.as(ReportForm.of(file)));
        }
    }
}
