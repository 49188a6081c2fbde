package io.lethean.lem.cli;

import io.lethean.lem.evaluation.report.RunStatus;
import io.lethean.lem.internal.io.PythonJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lem status}: what of a run is done, failed and missing. */
@Command(
        name = "status",
        description = {
            "Print how far runs are: for each model, condition and probe set the questions that are done, failed and missing.",
            "Reads run logs (*.run.jsonl) only; the runs may continue meanwhile, on this machine or on a cluster."
        })
final class StatusCommand implements Callable<Integer> {

    private final Console console;

    @Parameters(
            arity = "1..*",
            paramLabel = "PATH",
            description = "A folder, with all runs in it and in its folders, or the output of a run.")
    private List<Path> places = List.of();

    @Option(names = "--json", description = "Print JSON instead of the table.")
    private boolean json;

    StatusCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        List<RunStatus> runs = new ArrayList<>();
        for (Path place : places) {
            runs.addAll(RunStatus.of(place));
        }
        if (json) {
            console.out().println(PythonJson.write(RunStatus.fields(runs)));
        } else if (runs.isEmpty()) {
            console.out().println("No runs there: no file ends with .run.jsonl.");
        } else {
            console.out().print(RunStatus.toText(runs));
        }
        console.out().flush();
        return 0;
    }
}
