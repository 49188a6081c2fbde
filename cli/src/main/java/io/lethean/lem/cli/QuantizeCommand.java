package io.lethean.lem.cli;

import io.lethean.lem.quantize.OutputTypes;
import io.lethean.lem.quantize.Quantize;
import io.lethean.lem.quantize.QuantizeOptions;
import io.lethean.lem.quantize.QuantizeReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lem quantize}: a model written in other types. */
@Command(
        name = "quantize",
        description =
                "Write a model in another type, or its tensors in types of their own, and report what that loses.")
final class QuantizeCommand implements Callable<Integer> {

    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RewriteArguments files = new RewriteArguments();

    @Option(
            names = "--type",
            paramLabel = "TYPES",
            required = true,
            description =
                    "A type such as q4_K, a mix such as q4_K_M, or a list such as ffn_down=q6_K,blk.0.*=q8_0,q4_K; the"
                            + " first item that matches a tensor decides.")
    private String types = "";

    QuantizeCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        OutputTypes written = Usage.valid(spec, () -> OutputTypes.parse(types));
        LocatedModel located = files.model(console);
        Path model = located.file();
        files.checkOutput(spec, model, List.of());
        located.announce(console);
        QuantizeReport report = Quantize.run(new QuantizeOptions(
                model, files.output(), written, files.writing().threads(), WritingArguments.progress(console)));
        files.writing().print(console, () -> fields(report), () -> text(report));
        return 0;
    }

    private String text(QuantizeReport report) {
        boolean all = Lem.isVerbose(spec) || report.fallbacks().size() <= 1;
        return all
                ? report.text()
                : report.summary() + "--verbose prints a line for each of these tensors, and --json lists them."
                        + System.lineSeparator();
    }

    private Map<String, Object> fields(QuantizeReport report) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("output", files.output().toString());
        fields.put("bytes", report.bytes());
        fields.put("converted", RewriteArguments.fields(report.converted()));
        fields.put("copied", report.copied());
        fields.put("relative_error", report.relativeError());
        fields.put("notes", report.notes());
        return fields;
    }
}
