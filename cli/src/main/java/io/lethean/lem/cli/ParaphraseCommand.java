package io.lethean.lem.cli;

import io.lethean.lem.evaluation.probe.Paraphrases;
import io.lethean.lem.evaluation.probe.ProbeFile;
import io.lethean.lem.evaluation.report.ReportForm;
import io.lethean.lem.internal.io.PythonJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lem paraphrase}: each probe with three variants. */
@Command(
        name = "paraphrase",
        description = "Write each probe and three variants of it: from another perspective (_R_PERS), with more urgency"
                + " (_R_URGE), and from another culture (_R_CULT). The same probes always give the same variants.")
final class ParaphraseCommand implements Callable<Integer> {

    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "INPUT", description = "Probes, as seeds/P01-P100.json.")
    private Path input = Path.of("");

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Where the probes go, as a JSON array. Default: standard output.")
    private @Nullable Path output;

    @Mixin
    private OverwriteOption overwrite = new OverwriteOption();

    ParaphraseCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        new Outputs(spec).reads(input).writes(overwrite.given, output);
        List<Map<String, Object>> all = Paraphrases.of(ProbeFile.read(input));
        String text = all.stream().map(PythonJson::write).collect(Collectors.joining(",\n", "[\n", "\n]\n"));
        if (output == null) {
            console.out().print(text);
            console.out().flush();
        } else {
            ReportForm.write(output, text);
        }
        console.note(String.format(Locale.ROOT, "%d probes%s", all.size(), output == null ? "" : " in " + output));
        return 0;
    }
}
