package io.lethean.lem.cli;

import io.lethean.lem.evaluation.internal.reproduce.PublishedRun;
import io.lethean.lem.evaluation.internal.reproduce.PublishedSeries;
import io.lethean.lem.evaluation.internal.reproduce.Reproduction;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.probe.ProbeFile;
import io.lethean.lem.evaluation.report.ReportForm;
import io.lethean.lem.evaluation.run.NamedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lem reproduce}: the published tables, made again. */
@Command(
        name = "reproduce",
        description = {
            "Make the published tables again: published, recomputed, and why they differ.",
            "With --recorded, from files with the published names in a folder and its subfolders; a figure has no data if"
                    + " its file is missing. With --models, by running the A/B benchmarks of models that the tables name;"
                    + " the answers go to files with the published names in --output."
        })
final class ReproduceCommand implements Callable<Integer> {

    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--recorded", paramLabel = "DIR", description = "The folder with recorded files.")
    private @Nullable Path recorded;

    @Mixin
    private SeriesArguments series = new SeriesArguments();

    @Option(
            names = "--p20",
            paramLabel = "FILE",
            description = "With --models, the first twenty probes. Default: our own, seeds/P01-P20.json.")
    private @Nullable Path twenty;

    @Option(
            names = "--p100",
            paramLabel = "FILE",
            description = "With --models, all hundred probes. Default: our own, seeds/P01-P100.json.")
    private @Nullable Path hundred;

    @Option(names = "--markdown", paramLabel = "FILE", description = "Write the tables as Markdown too.")
    private @Nullable Path markdown;

    ReproduceCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        if (series.namesModels() == (recorded != null)) {
            throw new ParameterException(
                    spec.commandLine(), "Give either --recorded DIR or --models NAME=FILE with --output DIR.");
        }
        checkOutputs();
        Reproduction reproduction = recorded == null ? run() : Reproduction.of(recorded);
        console.out().print(series.json ? reproduction.json() : reproduction.toText());
        console.out().flush();
        if (markdown != null) {
            ReportForm.write(markdown, reproduction.toMarkdown());
        }
        return 0;
    }

    private void checkOutputs() throws IOException {
        if (recorded == null) {
            List<NamedModel> models = series.models();
            Set<String> answers = new LinkedHashSet<>();
            models.forEach(model -> PublishedRun.named(model.name()).forEach(run -> answers.add(run.file())));
            series.inputs(models)
                    .reads(twenty, hundred)
                    .fills(series.output(), SeriesArguments.answers(answers))
                    .writes(series.overwrites(), markdown);
        } else {
            try (Stream<Path> files = Files.walk(recorded)) {
                new Outputs(spec)
                        .reads(files.filter(Files::isRegularFile).toList())
                        .writes(series.overwrites(), markdown);
            }
        }
    }

    private Reproduction run() throws IOException {
        List<Kernel> kernels = kernels();
        PublishedSeries published = new PublishedSeries(
                series.series(console), kernels, probes(twenty, "P01-P20.json"), probes(hundred, "P01-P100.json"));
        Reproduction reproduction = published.run(
                series.models(),
                result -> console.note(result.asked() + " questions asked; answers in " + result.output()));
        tellWhatIsOurs(kernels);
        return reproduction;
    }

    private List<Kernel> kernels() throws IOException {
        return series.namesKernels()
                ? series.kernels()
                : List.of(
                        Kernel.read("json", Lem.home().resolve("kernel/axioms.json")),
                        Kernel.read("txt", Lem.home().resolve("kernel/lek-1-kernel.txt")));
    }

    private List<Probe> probes(@Nullable Path given, String ours) throws IOException {
        return series.asked(ProbeFile.read(
                given != null ? given : Lem.home().resolve("seeds").resolve(ours)));
    }

    private void tellWhatIsOurs(List<Kernel> kernels) {
        for (Kernel kernel : kernels) {
            if (!PublishedRun.isPublished(kernel)) {
                console.note(String.format(
                        Locale.ROOT,
                        "lem: the kernel '%s' is not the one of the published numbers;"
                                + " name that with --kernel %s=FILE.",
                        kernel.name(),
                        kernel.name()));
            }
        }
        if (twenty == null || hundred == null) {
            console.note(
                    "lem: our own probes were asked where --p20 or --p100 named no others; published numbers are from"
                            + " the published ones.");
        }
    }
}
