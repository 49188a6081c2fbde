package io.lethean.lem.cli;

import io.lethean.lem.convert.OutputTypes;
import io.lethean.lem.convert.Quantize;
import io.lethean.lem.convert.QuantizeOptions;
import io.lethean.lem.convert.QuantizeReport;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/** {@code lem quantize}: a model written in other types. */
@Command(
        name = "quantize",
        description =
                "Write a model in another type, or its tensors in types of their own, and report what that loses.")
final class QuantizeCommand implements Callable<Integer> {

    private final Console console;

    @Mixin
    private ConvertArguments files = new ConvertArguments();

    @Option(
            names = "--type",
            paramLabel = "TYPES",
            required = true,
            description =
                    "A type such as q4_K, or a list as ffn_down=q6_K,blk.0.*=q8_0,q4_K of which the first item that"
                            + " matches counts.")
    private String types = "";

    QuantizeCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        QuantizeReport report = Quantize.run(new QuantizeOptions(
                files.model(),
                files.output(),
                OutputTypes.parse(types),
                files.threads(),
                ConvertArguments.progress(console)));
        if (files.json()) {
            console.out().println(JsonMapper.shared().writeValueAsString(fields(report)));
        } else {
            console.out().print(report.text());
        }
        console.out().flush();
        return 0;
    }

    private Map<String, Object> fields(QuantizeReport report) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("output", files.output().toString());
        fields.put("bytes", report.bytes());
        fields.put("converted", ConvertArguments.fields(report.converted()));
        fields.put("copied", report.copied());
        fields.put("relative_error", report.relativeError());
        fields.put("notes", report.notes());
        return fields;
    }
}
