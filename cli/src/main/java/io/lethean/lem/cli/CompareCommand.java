package io.lethean.lem.cli;

import io.lethean.lem.evaluation.report.ReportForm;
import io.lethean.lem.evaluation.report.ResultComparison;
import io.lethean.lem.evaluation.report.ResultFile;
import io.lethean.lem.evaluation.stats.Bootstrap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lem compare}: two result files, probe by probe. */
@Command(
        name = "compare",
        description = {
            "Compare two files of recorded answers probe by probe, condition by condition: means, paired difference with"
                    + " its interval, sign test, and how many probes would be needed to see a difference of that size.",
            "Lines that cannot be read are reported and skipped."
        })
final class CompareCommand implements Callable<Integer> {

    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(index = "0", paramLabel = "A", description = "JSON Lines with answers or scores.")
    private Path first = Path.of("");

    @Parameters(index = "1", paramLabel = "B", description = "The file that is compared with it.")
    private Path second = Path.of("");

    @Mixin
    private RecordedArguments recorded = new RecordedArguments();

    @Option(names = "--json", description = "Print JSON instead of the table.")
    private boolean json;

    @Option(names = "--markdown", paramLabel = "FILE", description = "Write the table as Markdown too.")
    private @Nullable Path markdown;

    @Option(names = "--html", paramLabel = "FILE", description = "Write one page with differences and answers too.")
    private @Nullable Path html;

    @Mixin
    private OverwriteOption overwrite = new OverwriteOption();

    CompareCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        new Outputs(spec).reads(first, second, recorded.questions).writes(overwrite.given, markdown, html);
        ResultFile before = recorded.read(first);
        ResultFile after = recorded.read(second);
        ResultComparison comparison = new ResultComparison(before, after, Bootstrap.defaults());
        console.out().print(json ? comparison.json() : comparison.toText());
        console.out().flush();
        if (markdown != null) {
            ReportForm.write(markdown, comparison.markdown());
        }
        if (html != null) {
            ReportForm.write(html, comparison.html());
        }
        return RecordedArguments.report(console, before, after);
    }
}
