package io.lethean.lem.cli;

import io.lethean.lem.internal.gguf.GgufReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lem inspect}: what the header of a GGUF file says, and whether it would be loaded. */
@Command(
        name = "inspect",
        description = {
            "Print the header of a GGUF file: metadata, tensors, sizes, oddities, and whether LEM would load it.",
            "Reads the file with Java alone. Exit code 1 if the file would be refused."
        })
final class InspectCommand implements Callable<Integer> {

    private final Console console;

    @Parameters(
            paramLabel = "FILE",
            description =
                    "GGUF file, of a split model the first part, or a name on the hub such as hf:org/name:Q4_K_M.")
    private Path file = Path.of("");

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    InspectCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        GgufReport report = GgufReport.of(HubNames.of(console).model(file));
        console.out().println((json ? report.json() : report.text()).stripTrailing());
        console.out().flush();
        report.refusal().ifPresent(refusal -> console.note("lem: " + refusal.getMessage()));
        return report.isAccepted() ? 0 : 1;
    }
}
