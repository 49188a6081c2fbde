package io.lethean.lem.cli;

import io.lethean.lem.report.ReportForm;
import io.lethean.lem.report.Reproduction;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lem reproduce}: the published tables, made again. */
@Command(
        name = "reproduce",
        description = {
            "Make the published tables again from recorded files, which are found by their published names in a folder and"
                    + " below: published, recomputed, and why they differ.",
            "A number whose file is not there has no data."
        })
final class ReproduceCommand implements Callable<Integer> {

    private final Console console;

    @Option(names = "--recorded", paramLabel = "DIR", required = true, description = "The folder with recorded files.")
    private Path recorded = Path.of("");

    @Option(names = "--json", description = "Print JSON instead of the tables.")
    private boolean json;

    @Option(names = "--markdown", paramLabel = "FILE", description = "Write the tables as Markdown too.")
    private @Nullable Path markdown;

    ReproduceCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Reproduction reproduction = Reproduction.of(recorded);
        console.out().print(json ? reproduction.json() : reproduction.toText());
        console.out().flush();
        if (markdown != null) {
            ReportForm.write(markdown, reproduction.toMarkdown());
        }
        return 0;
    }
}
