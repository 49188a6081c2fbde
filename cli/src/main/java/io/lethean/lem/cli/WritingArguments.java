package io.lethean.lem.cli;

import io.lethean.lem.quantize.ConvertProgress;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/** What all commands that write a model have in common: threads, replacing, and the report. */
final class WritingArguments {

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            description = "Number of threads; 0 uses all processors but one. Default: ${DEFAULT-VALUE}.")
    private int threads = 0;

    @Mixin
    private OverwriteOption overwrite = new OverwriteOption();

    @Option(names = "--json", description = "Print the report as one JSON object.")
    private boolean json;

    int threads() {
        return threads == 0 ? Math.max(1, Runtime.getRuntime().availableProcessors() - 1) : threads;
    }

    boolean overwrite() {
        return overwrite.given;
    }

    boolean json() {
        return json;
    }

    /** Prints a report in the form that was asked for. */
    void print(Console console, Supplier<Map<String, Object>> fields, Supplier<String> text) {
        if (json) {
            console.out().println(JsonMapper.shared().writeValueAsString(fields.get()));
        } else {
            console.out().print(text.get());
        }
        console.out().flush();
    }

    /** Tells of each tenth of the tensors. */
    static ConvertProgress progress(Console console) {
        return (tensor, done, total) -> {
            if (done * 10 / total > (done - 1) * 10 / total) {
                console.note(String.format(Locale.ROOT, "%d of %d tensors written", done, total));
            }
        };
    }
}
