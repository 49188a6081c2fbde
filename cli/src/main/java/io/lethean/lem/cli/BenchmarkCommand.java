package io.lethean.lem.cli;

import io.lethean.lem.evaluation.ab.AbPlan;
import io.lethean.lem.evaluation.ab.AbResult;
import io.lethean.lem.evaluation.ab.AbRunner;
import io.lethean.lem.evaluation.ab.AbTable;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.probe.ProbeFile;
import io.lethean.lem.evaluation.report.ReportForm;
import io.lethean.lem.evaluation.report.ResultFile;
import io.lethean.lem.evaluation.report.RunReport;
import io.lethean.lem.evaluation.run.AnswerCluster;
import io.lethean.lem.evaluation.run.AnswerSource;
import io.lethean.lem.evaluation.run.ModelIdentity;
import io.lethean.lem.evaluation.run.NamedModel;
import io.lethean.lem.evaluation.run.OnDemandModel;
import io.lethean.lem.evaluation.run.RunFiles;
import io.lethean.lem.evaluation.score.Scorers;
import io.lethean.lem.evaluation.score.V2Scorer;
import io.lethean.lem.evaluation.stats.Bootstrap;
import io.lethean.lem.internal.io.PythonJson;
import io.lethean.lem.model.GenerationOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lem benchmark}: asks every probe without and with each kernel, scores the answers and compares. */
@Command(
        name = "benchmark",
        description = {
            "Ask every probe without a kernel (baseline) and with each kernel, score the answers and compare.",
            "After an interruption, run the same command again to continue."
        })
final class BenchmarkCommand implements Callable<Integer> {

    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ModelArguments model = new ModelArguments();

    @Option(
            names = {"-k", "--kernel"},
            paramLabel = "NAME=FILE",
            description = "A kernel and the name of its condition; repeatable. Without NAME= the file's name serves.")
    private List<String> kernels = List.of();

    @Option(names = "--prompts", paramLabel = "FILE", required = true, description = "Probes, as seeds/P01-P20.json.")
    private Path prompts = Path.of("");

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "JSON Lines with every answer. Default: ${DEFAULT-VALUE}.")
    private Path output = Path.of("ab-results.jsonl");

    @Mixin
    private AbArguments asking = new AbArguments();

    @Option(
            names = "--scorer",
            paramLabel = "NAME",
            converter = ScorerNames.Rules.class,
            completionCandidates = ScorerNames.Rules.class,
            description = "Scorer of the answers: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private String scorer = V2Scorer.NAME;

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description = "Write the report too, in the form of the suffix: .html, .md, .csv or .json. Repeatable.")
    private List<Path> reports = List.of();

    @Mixin
    private ClusterArguments cluster = new ClusterArguments();

    @Option(names = "--overwrite", description = "Delete what an earlier run recorded in the output and start again.")
    private boolean overwrite;

    @Option(names = "--json", description = "Print the summary as one JSON object instead of the table.")
    private boolean json;

    BenchmarkCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Usage.valid(spec, () -> reports.stream().map(ReportForm::of).toList());
        GenerationOptions options = Usage.valid(spec, asking::options);
        new Outputs(spec)
                .reads(prompts)
                .reads(model.files())
                .readsNamed(kernels.toArray(String[]::new))
                .continues(output, RunFiles.logOf(output))
                .writes(overwrite, reports);
        List<Kernel> read = new ArrayList<>();
        for (String kernel : kernels) {
            read.add(Kernel.read(kernel));
        }
        List<Probe> probes = ProbeFile.read(prompts);
        NamedModel named = model.named();
        ModelIdentity identity = named.identity();
        AbPlan plan = Usage.valid(
                spec,
                () -> new AbPlan(identity, read, probes, options, asking.samples).withScorer(Scorers.named(scorer)));
        Optional<AnswerCluster.Provider> provider = cluster.provider();
        model.announce();
        if (provider.isPresent()) {
            runOn(provider.get(), plan, named);
            return 0;
        }
        try (OnDemandModel loaded = new OnDemandModel(named)) {
            AbResult result = new AbRunner(plan, loaded, new BenchmarkProgress(console)).run(output, overwrite);
            print(result);
        }
        return 0;
    }

    private void runOn(AnswerCluster.Provider provider, AbPlan plan, NamedModel named) throws IOException {
        try (AnswerCluster machines = provider.open(cluster.settings())) {
            AnswerSource source = machines.answers(named, plan.model());
            print(new AbRunner(plan, source, new BenchmarkProgress(console)).run(output, overwrite));
            Optional<String> table = cluster.table();
            if (table.isPresent()) {
                long rows = machines.writeTable(output, named.name(), table.get());
                console.note(String.format(Locale.ROOT, "%d rows written to %s", rows, table.get()));
            }
        }
    }

    private void print(AbResult result) throws IOException {
        RunReport report = new RunReport(ResultFile.read(result.output()), Bootstrap.defaults());
        ReportCommand.write(report, reports);
        if (json) {
            console.out().println(PythonJson.write(result.summary().fields()));
        } else {
            console.out().print(report.headline());
            console.out().println("Answers: " + result.output());
            reports.forEach(file -> console.out().println("Report: " + file));
            report.example().ifPresent(example -> console.out().print("\n" + example));
            console.out().println();
            console.out().print(AbTable.of(result.summary(), result.probes()));
            console.out().print("\n" + report.toText());
        }
        console.out().flush();
        console.note(String.format(Locale.ROOT, "%d questions asked; answers in %s", result.asked(), result.output()));
    }
}
