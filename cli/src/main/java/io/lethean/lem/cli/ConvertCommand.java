package io.lethean.lem.cli;

import io.lethean.lem.convert.Convert;
import io.lethean.lem.convert.ConvertOptions;
import io.lethean.lem.convert.ConvertReport;
import io.lethean.lem.hub.HubName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lem convert}: a model folder of Hugging Face or mlx-lm as a GGUF file. */
@Command(
        name = "convert",
        description = {
            "Convert a model of Hugging Face or mlx-lm to a GGUF file, which all other commands take.",
            "The file is the one that llama.cpp's own converter writes. Folders quantized by mlx-lm become exactly the"
                    + " values that mlx computes with."
        })
final class ConvertCommand implements Callable<Integer> {

    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = {"-m", "--model"},
            paramLabel = "FOLDER",
            required = true,
            description = "Folder with config.json, the tokenizer and model*.safetensors, or a name on the hub such as"
                    + " hf:org/name, which is downloaded.")
    private Path model = Path.of("");

    @Option(
            names = {"-o", "--output", "--save-path"},
            paramLabel = "FILE",
            required = true,
            description = "GGUF file to write; never one of the inputs.")
    private Path output = Path.of("");

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            defaultValue = "auto",
            description =
                    "auto (the 16-bit type of the weights), bf16, f16, f32, q8_0, or what lem quantize takes, such as"
                            + " q4_K_M; that needs room for the unquantized file until it is done. Default:"
                            + " ${DEFAULT-VALUE}.")
    private String type = "auto";

    @Option(
            names = "--pre-tokenizer",
            paramLabel = "NAME",
            description =
                    "llama.cpp's name for the way in which the tokenizer cuts a text into words, such as llama-bpe; it is"
                            + " not verified. Default: found by a check text, and verified.")
    private @Nullable String preTokenizer;

    @Mixin
    private WritingArguments writing = new WritingArguments();

    ConvertCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        ConvertOptions wanted = Usage.valid(
                spec,
                () -> new ConvertOptions(
                        model,
                        output,
                        type,
                        Optional.empty(),
                        Optional.ofNullable(preTokenizer),
                        writing.threads(),
                        WritingArguments.progress(console)));
        new Outputs(spec).reads(files(model)).writes(writing.overwrite(), output);
        ConvertReport report = Convert.run(located(wanted));
        writing.print(console, () -> fields(report), report::text);
        return 0;
    }

    /** With the folder that a name on the hub stands for. */
    private ConvertOptions located(ConvertOptions wanted) throws IOException {
        if (!HubNames.isName(model)) {
            return wanted;
        }
        Path folder = HubNames.of(console).modelFolder(model);
        new Outputs(spec).reads(files(folder)).writes(writing.overwrite(), output);
        return wanted.withModel(folder).withName(HubName.parse(model.toString()).repository());
    }

    /** All files of the folder but older outputs are inputs. */
    private static List<Path> files(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of(folder);
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> !file.toString().endsWith(".gguf")).toList();
        }
    }

    private Map<String, Object> fields(ConvertReport report) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("output", output.toString());
        fields.put("bytes", report.bytes());
        fields.put("architecture", report.architecture());
        fields.put("type", report.type());
        fields.put("parameters", report.parameters());
        fields.put("tensors", report.tensors());
        fields.put("notes", report.notes());
        return fields;
    }
}
