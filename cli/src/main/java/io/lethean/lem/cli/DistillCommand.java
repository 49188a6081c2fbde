package io.lethean.lem.cli;

import io.lethean.lem.evaluation.distill.DistillPlan;
import io.lethean.lem.evaluation.distill.DistillPlan.Keep;
import io.lethean.lem.evaluation.distill.DistillRunner;
import io.lethean.lem.evaluation.distill.DistillSummary;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.probe.ProbeFile;
import io.lethean.lem.evaluation.run.ModelIdentity;
import io.lethean.lem.evaluation.run.NamedModel;
import io.lethean.lem.evaluation.run.OnDemandModel;
import io.lethean.lem.evaluation.run.RunFiles;
import io.lethean.lem.evaluation.score.Scorers;
import io.lethean.lem.internal.io.PythonJson;
import io.lethean.lem.model.GenerationOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lem distill}: answers that score well become training examples. */
@Command(
        name = "distill",
        description = {
            "Ask every probe several times and keep the answers that score well, as training examples of the bare prompt"
                    + " and the answer.",
            "After an interruption, run the same command again to continue. A log next to the output keeps all answers: with"
                    + " another --threshold, --scorer or --keep the output is made from them again, and with more"
                    + " --samples only the new ones are asked for."
        })
final class DistillCommand implements Callable<Integer> {

    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ModelArguments model = new ModelArguments();

    @Option(
            names = {"-k", "--kernel"},
            paramLabel = "NAME=FILE",
            description = "A kernel as the system turn; the examples contain the bare prompt. Default: no kernel.")
    private @Nullable String kernel;

    @Option(names = "--prompts", paramLabel = "FILE", required = true, description = "Probes, as seeds/P01-P100.json.")
    private Path prompts = Path.of("");

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "JSON Lines with the examples. Default: ${DEFAULT-VALUE}.")
    private Path output = Path.of("distilled.jsonl");

    @Option(names = "--samples", paramLabel = "N", description = "Answers to each probe. Default: ${DEFAULT-VALUE}.")
    private int samples = 10;

    @Option(
            names = "--scorer",
            paramLabel = "NAME",
            converter = ScorerNames.Rules.class,
            completionCandidates = ScorerNames.Rules.class,
            description = "Scorer that decides: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private String scorer = "self-distill";

    @Option(
            names = "--threshold",
            paramLabel = "X",
            description = "Lowest score of an answer that is kept. Default: ${DEFAULT-VALUE}.")
    private double threshold = 24;

    @Option(
            names = "--keep",
            paramLabel = "WHICH",
            description =
                    "Which answers to a probe to keep of those that reach the threshold: ${COMPLETION-CANDIDATES}."
                            + " Default: ${DEFAULT-VALUE}.")
    private Keep keep = Keep.ALL;

    @Option(names = "--drop-flagged", description = "Keep no answer with a flag, such as truncated.")
    private boolean dropFlagged;

    @Mixin
    private AnswerArguments answers = new AnswerArguments(DistillPlan.publishedOptions());

    @Heading("Generation")
    @Option(
            names = "--top-p",
            paramLabel = "P",
            description = "Nucleus sampling: keep the most likely tokens that have the probability P together."
                    + " Default: ${DEFAULT-VALUE}.")
    private double topP = DistillPlan.publishedOptions().sampling().topP();

    @Option(names = "--overwrite", description = "Delete what an earlier run recorded in the output and start again.")
    private boolean overwrite;

    @Option(names = "--json", description = "Print the summary as one JSON object.")
    private boolean json;

    DistillCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        GenerationOptions options = Usage.valid(spec, this::options);
        new Outputs(spec)
                .reads(prompts)
                .reads(model.files())
                .readsNamed(kernel)
                .continues(output, RunFiles.logOf(output));
        Optional<Kernel> system = kernel == null ? Optional.empty() : Optional.of(Kernel.read(kernel));
        List<Probe> probes = ProbeFile.read(prompts);
        NamedModel named = model.named();
        ModelIdentity identity = named.identity();
        DistillPlan plan = Usage.valid(
                spec,
                () -> new DistillPlan(
                        identity,
                        system,
                        probes,
                        options,
                        samples,
                        Scorers.named(scorer),
                        threshold,
                        keep,
                        !dropFlagged));
        model.announce();
        try (OnDemandModel loaded = new OnDemandModel(named)) {
            DistillRunner.Outcome outcome =
                    new DistillRunner(plan, loaded, new BenchmarkProgress(console)).run(output, overwrite);
            print(outcome.summary());
            console.note(String.format(Locale.ROOT, "%d questions asked; examples in %s", outcome.asked(), output));
        }
        return 0;
    }

    private GenerationOptions options() {
        GenerationOptions.Builder builder =
                DistillPlan.publishedOptions().toBuilder().topP(topP);
        answers.applyTo(builder);
        return builder.build();
    }

    private void print(DistillSummary summary) {
        console.out()
                .println(
                        json
                                ? PythonJson.write(summary.fields())
                                : String.format(
                                        Locale.ROOT,
                                        "%d of %d answers kept (%s %%), to %d of %d probes; their mean score is %s",
                                        summary.kept(),
                                        summary.generated(),
                                        summary.keepRate(),
                                        summary.probesKept(),
                                        summary.probes(),
                                        summary.averageKeptScore().isEmpty()
                                                ? "unknown"
                                                : String.format(
                                                        Locale.ROOT,
                                                        "%.2f",
                                                        summary.averageKeptScore()
                                                                .getAsDouble())));
        console.out().flush();
    }
}
