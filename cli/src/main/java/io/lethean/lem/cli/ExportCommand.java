package io.lethean.lem.cli;

import io.lethean.lem.convert.Export;
import io.lethean.lem.convert.ExportOptions;
import io.lethean.lem.convert.ExportReport;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lem export}: a GGUF model as a folder of Hugging Face or mlx-lm. */
@Command(
        name = "export",
        description = {
            "Export a GGUF model to a folder that transformers or mlx-lm loads: weights as safetensors, configuration,"
                    + " tokenizer, chat template and model card.",
            "Merge adapters with lem fuse first. Quantized weights are dequantized; what quantizing lost does not come"
                    + " back."
        })
final class ExportCommand implements Callable<Integer> {

    private static final Pattern FILES = Pattern.compile(".*\\.(json|safetensors|model|md)");

    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private GgufOption model = new GgufOption();

    @Option(
            names = "--to",
            paramLabel = "PROGRAM",
            defaultValue = "hf",
            description = "hf (transformers, vLLM and similar programs) or mlx (mlx-lm). Default: ${DEFAULT-VALUE}.")
    private String to = "hf";

    @Option(
            names = {"-o", "--output", "--save-path"},
            paramLabel = "FOLDER",
            required = true,
            description = "Folder to write; it must not hold other files.")
    private Path output = Path.of("");

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = "auto",
            description = "bf16, f16, f32, or auto: the type of most weights, bf16 for quantized ones. Default:"
                    + " ${DEFAULT-VALUE}.")
    private String dtype = "auto";

    @Option(
            names = "--bits",
            paramLabel = "N",
            defaultValue = "0",
            description = "4 or 8: quantize for mlx-lm, in groups of 64. Default: plain weights.")
    private int bits;

    @Mixin
    private WritingArguments writing = new WritingArguments();

    ExportCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        ExportOptions.Target target = target();
        LocatedModel located = model.locate(console);
        new Outputs(spec).reads(located.file()).fills(output, FILES);
        requireEmpty();
        ExportOptions options = Usage.valid(
                spec,
                () -> ExportOptions.of(located.file(), output)
                        .withTarget(target)
                        .withDtype(dtype)
                        .withBits(bits)
                        .withThreads(writing.threads())
                        .withProgress(WritingArguments.progress(console)));
        located.announce(console);
        ExportReport report = Export.run(options);
        writing.print(console, () -> fields(report), report::text);
        return 0;
    }

    private ExportOptions.Target target() {
        return switch (to.toLowerCase(Locale.ROOT)) {
            case "hf" -> ExportOptions.Target.HF;
            case "mlx" -> ExportOptions.Target.MLX;
            default -> throw Usage.error(spec, "Models are exported to hf or mlx, and not to \"" + to + "\".");
        };
    }

    private void requireEmpty() throws IOException {
        if (writing.overwrite() || !Files.isDirectory(output)) {
            return;
        }
        try (Stream<Path> files = Files.list(output)) {
            if (files.findAny().isPresent()) {
                throw new FileAlreadyExistsException(
                        output.toString(),
                        null,
                        "The folder " + output
                                + " is not empty; choose another name, or replace an older export with --overwrite.");
            }
        }
    }

    private Map<String, Object> fields(ExportReport report) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("output", output.toString());
        fields.put("bytes", report.bytes());
        fields.put("class", report.className());
        fields.put("dtype", report.dtype());
        fields.put("parameters", report.parameters());
        fields.put("tensors", report.tensors());
        fields.put("files", report.files());
        fields.put("notes", report.notes());
        return fields;
    }
}
