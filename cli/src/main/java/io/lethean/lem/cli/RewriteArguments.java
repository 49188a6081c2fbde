package io.lethean.lem.cli;

import io.lethean.lem.quantize.TensorReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** What commands that write a GGUF model from a GGUF model have in common. */
final class RewriteArguments {

    @Mixin
    private GgufOption model = new GgufOption();

    @Option(
            names = {"-o", "--output", "--save-path"},
            paramLabel = "FILE",
            required = true,
            description = "GGUF file to write; never one of the inputs.")
    private Path output = Path.of("");

    @Mixin
    private WritingArguments writing = new WritingArguments();

    LocatedModel model(Console console) throws IOException {
        return model.locate(console);
    }

    Path output() {
        return output;
    }

    /** Checks the output against all files that the command reads. */
    void checkOutput(CommandSpec command, Path model, List<Path> others) throws IOException {
        new Outputs(command).reads(model).reads(others).writes(writing.overwrite(), output);
    }

    WritingArguments writing() {
        return writing;
    }

    /** Tensors as JSON has them. */
    static List<Map<String, Object>> fields(List<TensorReport> tensors) {
        return tensors.stream().map(RewriteArguments::fields).toList();
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
}
