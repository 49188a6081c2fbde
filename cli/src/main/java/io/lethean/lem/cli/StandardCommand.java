package io.lethean.lem.cli;

import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Question;
import io.lethean.lem.evaluation.rescore.Rescorer;
import io.lethean.lem.evaluation.rescore.ScoreMeans;
import io.lethean.lem.evaluation.run.NamedModel;
import io.lethean.lem.evaluation.run.OnDemandModel;
import io.lethean.lem.evaluation.run.PlainChat;
import io.lethean.lem.evaluation.run.RunFiles;
import io.lethean.lem.evaluation.score.Sample;
import io.lethean.lem.evaluation.score.Scorer;
import io.lethean.lem.evaluation.score.Scorers;
import io.lethean.lem.evaluation.standard.ChoicePlan;
import io.lethean.lem.evaluation.standard.ChoiceRunner;
import io.lethean.lem.evaluation.standard.Preamble;
import io.lethean.lem.evaluation.standard.StandardPlan;
import io.lethean.lem.evaluation.standard.StandardReport;
import io.lethean.lem.evaluation.standard.StandardResult;
import io.lethean.lem.evaluation.standard.StandardRunner;
import io.lethean.lem.evaluation.standard.StandardTask;
import io.lethean.lem.evaluation.standard.StandardTasks;
import io.lethean.lem.internal.io.PythonJson;
import io.lethean.lem.model.GenerationOptions;
import java.io.IOException;
import java.nio.file.Files;
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

/** {@code lem standard}: asks a model the questions of a standard benchmark and scores the answers. */
@Command(
        name = "standard",
        description = {
            "Ask the questions of a standard benchmark, score the answers, and print means with intervals.",
            "Defaults: 512 tokens per answer for gsm8k and 256 for the others, temperature 0.3, seed 42.",
            "After an interruption, run the same command again to continue."
        })
final class StandardCommand implements Callable<Integer> {

    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ModelArguments model = new ModelArguments();

    @Option(
            names = "--benchmark",
            paramLabel = "NAME",
            required = true,
            converter = BenchmarkNames.class,
            completionCandidates = BenchmarkNames.class,
            description = "Benchmark to run: ${COMPLETION-CANDIDATES}.")
    private StandardTask benchmark = StandardTasks.GSM8K;

    @Option(
            names = "--data",
            paramLabel = "FILE",
            required = true,
            description = "The questions: JSON Lines, a JSON array, or the CSV of the original data set.")
    private Path data = Path.of("");

    @Option(names = "--limit", paramLabel = "N", description = "Ask the first N questions only; more may follow later.")
    private int limit = Integer.MAX_VALUE;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "JSON Lines with every answer; the scores go to FILE.scores.jsonl. Default: NAME.jsonl.")
    private @Nullable Path output;

    @Option(
            names = {"-k", "--kernel"},
            paramLabel = "NAME=FILE",
            description = "A kernel as the system turn of every question. NAME defaults to the file's name.")
    private @Nullable String kernel;

    @Option(
            names = "--preamble",
            paramLabel = "FILE",
            description = "truthfulqa-mc: text before each question; an empty file for no text."
                    + " Default: six pairs of our own.")
    private @Nullable Path preamble;

    @Mixin
    private JudgeArguments judge = new JudgeArguments();

    @Option(
            names = "--plain",
            description =
                    "For base models without a chat format: no chat template, and \"Answer:\" after the" + " question.")
    private boolean plain;

    @Mixin
    private AnswerArguments answers = new AnswerArguments();

    @Option(names = "--overwrite", description = "Delete what an earlier run recorded in the output and start again.")
    private boolean overwrite;

    @Option(names = "--json", description = "Print the result as one JSON object instead of the table.")
    private boolean json;

    StandardCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        StandardTask which = benchmark;
        Path file = output == null ? Path.of(which.label() + ".jsonl") : output;
        if (judge.judge != null && !Scorers.needsJudge(which.scorer())) {
            throw Usage.error(
                    spec,
                    String.format(Locale.ROOT, "The benchmark %s needs no judge; leave out --judge.", which.label()));
        }
        checkOutputs(file);
        if (!which.generates()) {
            print(choose(file));
        } else if (judge.judge != null) {
            try (JudgeArguments.Opened opened = judge.open(judge.judge, scoresOf(file))) {
                print(ask(which, file, Optional.of(Scorers.judged(which.scorer(), opened.judge()))));
                console.note(String.format(
                        Locale.ROOT,
                        "%d questions put to the judge %s",
                        opened.memory().asked(),
                        opened.judge().name()));
            }
        } else if (Scorers.needsJudge(which.scorer())) {
            print(ask(which, file, Optional.empty()));
            console.note(String.format(
                    Locale.ROOT,
                    "The answers have no scores, since %s needs a judge; run the same command again with --judge.",
                    which.label()));
        } else {
            print(ask(which, file, Optional.of(which.rules())));
        }
        return 0;
    }

    /** Scores belong to a run: they are replaced with it, and a file of that name without a run is not ours. */
    private void checkOutputs(Path file) throws IOException {
        new Outputs(spec)
                .reads(data, preamble)
                .reads(model.files())
                .readsNamed(kernel)
                .continues(file, RunFiles.logOf(file), judge.memory(file))
                .writes(overwrite || Files.exists(file), scoresOf(file));
    }

    private static Path scoresOf(Path output) {
        return output.resolveSibling(output.getFileName() + ".scores.jsonl");
    }

    private StandardReport choose(Path file) throws IOException {
        List<Question> questions = Question.readAll(data);
        Optional<Kernel> system = kernel();
        Preamble before = preamble == null ? Preamble.ours() : Preamble.read(preamble);
        NamedModel named = model.named();
        ChoicePlan plan = new ChoicePlan(named.identity(), questions, limit, system, before);
        StandardResult result;
        model.announce();
        try (OnDemandModel loaded = new OnDemandModel(named)) {
            result = new ChoiceRunner(plan, () -> loaded.get()::logLikelihood, new StandardProgress(console))
                    .run(file, overwrite);
        }
        return new StandardReport(
                StandardTasks.TRUTHFULQA_MC,
                plan.model(),
                plan.condition(),
                "likelihood after the preamble " + before.name(),
                result,
                ChoiceRunner.means(result));
    }

    private StandardReport ask(StandardTask which, Path file, Optional<Scorer> scorer) throws IOException {
        List<Question> questions = Question.readAll(data);
        Optional<Kernel> system = kernel();
        NamedModel named = model.named();
        StandardPlan plan = new StandardPlan(named.identity(), which, questions, limit, system, plain, options(which));
        StandardResult result;
        model.announce();
        try (OnDemandModel loaded = new OnDemandModel(named)) {
            result = new StandardRunner(
                            plan,
                            () -> plain ? new PlainChat(loaded.get()) : loaded.get(),
                            new StandardProgress(console))
                    .run(file, overwrite);
        }
        ScoreMeans means = new ScoreMeans();
        if (scorer.isPresent()) {
            new Rescorer(scorer.get(), Sample.byId(plan.asked()), (condition, id, score) -> {
                        means.add(id, score);
                        if (judge.judge != null) {
                            judge.tell(console, id, score);
                        }
                    })
                    .rescore(file, scoresOf(file));
        } else {
            result.answers().forEach(answer -> means.addUnscored());
        }
        String scoredBy =
                scorer.map(rules -> rules.name() + " " + rules.version()).orElse("");
        return new StandardReport(which, plan.model(), plan.condition(), scoredBy, result, means);
    }

    private Optional<Kernel> kernel() throws IOException {
        return kernel == null ? Optional.empty() : Optional.of(Kernel.read(kernel));
    }

    private GenerationOptions options(StandardTask which) {
        GenerationOptions.Builder options = which.publishedOptions().toBuilder();
        answers.applyTo(options);
        return Usage.valid(spec, options::build);
    }

    private void print(StandardReport report) {
        if (json) {
            console.out().println(PythonJson.write(report.fields()));
        } else {
            console.out().print(report);
        }
        console.out().flush();
        console.note(String.format(
                Locale.ROOT,
                "%d questions asked; answers in %s",
                report.result().asked(),
                report.result().output()));
    }
}
