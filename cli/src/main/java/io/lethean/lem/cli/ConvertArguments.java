package io.lethean.lem.cli;

import io.lethean.lem.quantize.ConvertProgress;
import io.lethean.lem.quantize.TensorReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** What commands that write a model from a model have in common. */
final class ConvertArguments {

    @Option(
            names = {"-m", "--model"},
            paramLabel = "FILE",
            description =
                    "GGUF file, of a split model the first part, or a name on the hub such as hf:org/name:Q4_K_M. "
                            + ModelLocator.DEFAULT)
    private @Nullable Path model;

    @Option(
            names = {"-o", "--output", "--save-path"},
            paramLabel = "FILE",
            required = true,
            description = "GGUF file to write; never one of the inputs.")
    private Path output = Path.of("");

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            description = "Number of threads; 0 uses all processors but one. Default: ${DEFAULT-VALUE}.")
    private int threads = 0;

    @Mixin
    private OverwriteOption overwrite = new OverwriteOption();

    @Option(names = "--json", description = "Print the report as one JSON object.")
    private boolean json;

    LocatedModel model(Console console) throws IOException {
        return ModelLocator.ofProcess(HubNames.of(console)).locate(model);
    }

    Path output() {
        return output;
    }

    /** Checks the output against all files that the command reads. */
    void checkOutput(CommandSpec command, Path model, List<Path> others) throws IOException {
        new Outputs(command).reads(model).reads(others).writes(overwrite.given, output);
    }

    int threads() {
        return threads == 0 ? Math.max(1, Runtime.getRuntime().availableProcessors() - 1) : threads;
    }

    boolean json() {
        return json;
    }

    /** Tensors as JSON has them. */
    static List<Map<String, Object>> fields(List<TensorReport> tensors) {
        return tensors.stream().map(ConvertArguments::fields).toList();
    }

    private static Map<String, Object> fields(TensorReport tensor) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("tensor", tensor.tensor());
        fields.put("from", tensor.from());
        fields.put("to", tensor.to());
        fields.put("value_norm", tensor.valueNorm());
        fields.put("update_norm", tensor.updateNorm());
        fields.put("error_norm", tensor.errorNorm());
        return fields;
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
