package io.lethean.lem.junit;

import io.lethean.lem.evaluation.BenchmarkException;
import io.lethean.lem.evaluation.ab.AbPlan;
import io.lethean.lem.evaluation.ab.AbRunner;
import io.lethean.lem.evaluation.ab.RecordedRun;
import io.lethean.lem.evaluation.judge.CachedJudge;
import io.lethean.lem.evaluation.judge.GeminiJudge;
import io.lethean.lem.evaluation.judge.JudgeOptions;
import io.lethean.lem.evaluation.judge.JudgeSpec;
import io.lethean.lem.evaluation.judge.LocalJudge;
import io.lethean.lem.evaluation.judge.OpenAiJudge;
import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.report.AnsweredProbe;
import io.lethean.lem.evaluation.report.ResultFile;
import io.lethean.lem.evaluation.run.IdentityDifference;
import io.lethean.lem.evaluation.run.ModelIdentity;
import io.lethean.lem.evaluation.run.RunListener;
import io.lethean.lem.evaluation.score.Judge;
import io.lethean.lem.evaluation.score.Scorer;
import io.lethean.lem.evaluation.score.Scorers;
import io.lethean.lem.evaluation.stats.Bootstrap;
import io.lethean.lem.internal.io.AtomicFile;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.TextGenerator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

/** One run of a {@link LemTest}: asks the candidate, and records its answers or compares them with the record. */
final class LemTestRun {

    private static final System.Logger LOG = System.getLogger("io.lethean.lem.junit");
    private static final Namespace NAMESPACE = Namespace.create(LemTestRun.class);

    private final ExtensionContext context;
    private final LemTest test;
    private final TestFiles files;
    private final Candidate candidate;
    private final Settings settings;

    LemTestRun(ExtensionContext context, LemTest test, TestFiles files, Candidate candidate) {
        this.context = context;
        this.test = test;
        this.files = files;
        this.candidate = candidate;
        this.settings = new Settings(context);
    }

    /** Who answers: known before the model is loaded. */
    private record Answering(ModelIdentity identity, Supplier<TextGenerator> generator) {}

    /** Runs the test; what it throws is the test's result. */
    void run() throws IOException {
        requireUsable();
        if (settings.records(files.record())) {
            record();
            return;
        }
        if (!Files.exists(files.record())) {
            throw new AssertionFailedError(files.test() + " has no record to compare with: " + files.record()
                    + " does not exist. To record the present answers, " + files.howToRecord());
        }
        compare();
    }

    private void requireUsable() {
        if (candidate.probes().isEmpty()) {
            throw new ExtensionConfigurationException(files.test() + " has nothing to ask: give @LemTest 'probes',"
                    + " 'questions' or 'prompts', or set them on the Candidate that the method receives.");
        }
        if (test.minPairs() < 2) {
            throw new ExtensionConfigurationException(
                    "minPairs of " + files.test() + " is " + test.minPairs() + "; an interval needs at least 2 pairs.");
        }
        if (test.mayLose() < 0) {
            throw new ExtensionConfigurationException(
                    "mayLose of " + files.test() + " is " + test.mayLose() + "; expected 0 or more.");
        }
        if (!(test.level() > 0 && test.level() < 1)) {
            throw new ExtensionConfigurationException(
                    "level of " + files.test() + " is " + test.level() + "; expected more than 0 and less than 1.");
        }
    }

    private void record() throws IOException {
        String first = context.getRoot()
                .getStore(NAMESPACE)
                .computeIfAbsent(files.record().toAbsolutePath(), path -> context.getUniqueId(), String.class);
        if (!first.equals(context.getUniqueId())) {
            throw new AssertionFailedError("Two tests would write the record " + files.record() + ": " + first + " and "
                    + context.getUniqueId() + ". Give one of them another name with 'record' of @LemTest.");
        }
        Answering answering = answering();
        try (OpenScorer scorer = scorer()) {
            ask(plan(answering, scorer), answering);
        }
        ResultFile answers = ResultFile.read(files.output());
        String condition = answers.conditions().getFirst();
        int scored = answers.scores(condition).means().size();
        if (scored == 0) {
            throw new AssertionFailedError("Nothing was recorded for " + files.test() + ": no answer has a score by "
                    + Comparison.scorerOf(answers)
                    + ", so later runs could not be compared. The answers, and the reasons"
                    + " where the scorer gives one, are in " + files.output() + ".");
        }
        requireNoFewerScores(answers, scored);
        AtomicFile.write(files.record(), part -> Files.copy(files.output(), part));
        tell(
                Level.INFO,
                "recorded",
                String.format(
                        Locale.ROOT,
                        "%s: recorded %d probes, %d of them with a score, in %s.",
                        files.test(),
                        answers.probes().size(),
                        scored,
                        files.record()));
    }

    /** A record that lost scores would hide that the answers lost them. */
    private void requireNoFewerScores(ResultFile answers, int scored) {
        int before = recordedScores();
        if (scored < before) {
            throw new AssertionFailedError(String.format(
                    Locale.ROOT,
                    "%s: the record was left as it is: %d of the new answers have a score by %s, and %d of the recorded ones. The new"
                            + " answers are in %s. If they are to be the record, delete %s first.",
                    files.test(),
                    scored,
                    Comparison.scorerOf(answers),
                    before,
                    files.output(),
                    files.record()));
        }
    }

    /** Probes with a score in the record; 0 without a record that can be read. */
    private int recordedScores() {
        try {
            ResultFile recorded = ResultFile.read(files.record());
            return recorded.conditions().stream()
                    .mapToInt(condition -> recorded.scores(condition).means().size())
                    .sum();
        } catch (IOException unreadable) {
            return 0;
        }
    }

    private void compare() throws IOException {
        RecordedRun recorded = recordedRun();
        ResultFile before = ResultFile.read(files.record());
        Answering answering = answering();
        List<IdentityDifference> differences;
        try (OpenScorer scorer = scorer()) {
            AbPlan plan = plan(answering, scorer);
            differences = recorded.differencesFrom(plan);
            requireComparable(differences, before, plan.conditionNames().getFirst());
            ask(plan, answering);
        }
        ResultFile after = ResultFile.read(files.output());
        Comparison comparison =
                Comparison.of(before, after, new Bootstrap(10_000, test.level(), 1234), test.minPairs());
        List<String> changes = new ArrayList<>();
        differences.forEach(difference -> changes.add(difference.toString()));
        String engine = answering.identity().engine();
        if (!recorded.engine().equals(engine)) {
            changes.add(new IdentityDifference("engine", recorded.engine(), engine).toString());
        }
        conclude(comparison, changes);
    }

    private RecordedRun recordedRun() throws IOException {
        try {
            return RecordedRun.read(files.record());
        } catch (BenchmarkException incomplete) {
            throw new AssertionFailedError(
                    files.test() + " cannot be compared: " + incomplete.getMessage() + " To do so, "
                            + files.howToRecord(),
                    incomplete);
        }
    }

    private void requireComparable(List<IdentityDifference> differences, ResultFile before, String condition) {
        Set<RunPart> allowed = Set.of(test.mayDiffer());
        List<String> refused = differences.stream()
                .filter(difference ->
                        RunPart.of(difference).filter(allowed::contains).isEmpty())
                .map(LemTestRun::refusal)
                .toList();
        if (!refused.isEmpty()) {
            throw foreign("is the record of another run (" + String.join("; ", refused) + ")");
        }
        if (!before.problems().isEmpty()) {
            throw foreign("cannot be read completely (" + before.problems().getFirst() + ")");
        }
        Set<String> ids = new HashSet<>();
        before.probes().stream().map(AnsweredProbe::id).forEach(ids::add);
        for (Probe probe : candidate.probes()) {
            if (!ids.remove(probe.id())) {
                throw foreign("has no probe '" + probe.id() + "'");
            }
        }
        if (!before.conditions().contains(condition) && before.conditions().size() != 1) {
            throw foreign("has the conditions " + before.conditions() + " and not '" + condition + "'");
        }
    }

    private static String refusal(IdentityDifference difference) {
        return difference
                + RunPart.of(difference)
                        .map(part -> ", which mayDiffer = " + part + " would allow")
                        .orElse("");
    }

    private AssertionFailedError foreign(String fault) {
        return new AssertionFailedError(files.test() + " cannot be compared: " + files.record() + " " + fault
                + ". To replace the record by the present answers, " + files.howToRecord());
    }

    private void conclude(Comparison comparison, List<String> changes) {
        String said = files.test() + ": " + comparison.sentence();
        int lost = comparison.row().difference().onlyFirst();
        if (comparison.verdict() != Verdict.WORSE && lost > test.mayLose()) {
            throw new AssertionFailedError(String.format(
                    Locale.ROOT,
                    "%s Answers to %d probes have a score in the record and none now; mayLose is %d. The answers, and the reasons"
                            + " where the scorer gives one, are in %s.",
                    said,
                    lost,
                    test.mayLose(),
                    files.output()));
        }
        switch (comparison.verdict()) {
            case WORSE -> throw comparison.failure(files, changes);
            case BETTER ->
                tell(Level.INFO, "better", said + " To compare later runs with these answers, " + files.howToRecord());
            case NO_DIFFERENCE -> tell(Level.INFO, "no difference", said);
            case TOO_FEW_PAIRS -> tooFew(comparison, said);
        }
    }

    private void tooFew(Comparison comparison, String said) {
        if (candidate.probes().size() >= test.minPairs()) {
            throw new AssertionFailedError(
                    said + " There are " + candidate.probes().size()
                            + " probes, but too many answers have no score. The answers, and the reasons where the scorer gives"
                            + " one, are in " + files.output() + " and " + files.record() + ".");
        }
        switch (test.tooFewPairs()) {
            case PASS -> tell(Level.WARNING, "too few pairs", said);
            case ABORT -> throw new TestAbortedException(said);
            case FAIL -> throw new AssertionFailedError(said);
        }
    }

    private void tell(Level level, String verdict, String sentence) {
        context.publishReportEntry(Map.of("lem.verdict", verdict, "lem.comparison", sentence));
        LOG.log(level, sentence);
    }

    private Answering answering() throws IOException {
        Optional<Candidate.Generator> own = candidate.generator();
        if (own.isPresent()) {
            return new Answering(own.get().identity(), () -> own.get().generator());
        }
        SharedModel shared = SharedModel.of(context);
        return new Answering(shared.identity(), () -> loaded(shared));
    }

    private static LemModel loaded(SharedModel shared) {
        try {
            return shared.model();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed.getMessage(), failed);
        }
    }

    private AbPlan plan(Answering answering, OpenScorer open) {
        Scorer scorer = candidate.references().isEmpty()
                ? open.scorer()
                : ReferencedScorer.of(open.scorer(), candidate.references());
        AbPlan plan = new AbPlan(
                answering.identity(),
                candidate.kernel().stream().toList(),
                candidate.probes(),
                candidate.options(),
                candidate.samples(),
                scorer);
        return candidate.kernel().isPresent() ? plan.withoutBaseline() : plan;
    }

    private void ask(AbPlan plan, Answering answering) throws IOException {
        new AbRunner(plan, answering.generator(), RunListener.SILENT).run(files.output(), true);
    }

    /** A scorer, and the file of replies that its judge holds. */
    private record OpenScorer(Scorer scorer, Optional<CachedJudge> replies) implements AutoCloseable {

        @Override
        public void close() throws IOException {
            if (replies.isPresent()) {
                replies.get().close();
            }
        }
    }

    private OpenScorer scorer() throws IOException {
        Optional<Scorer> own = candidate.scorer();
        if (own.isPresent()) {
            return new OpenScorer(own.get(), Optional.empty());
        }
        String name = candidate.scorerName();
        if (!Scorers.needsJudge(name)) {
            return new OpenScorer(Scorers.named(name), Optional.empty());
        }
        Optional<Judge> judge = candidate.judge();
        if (judge.isPresent()) {
            return new OpenScorer(Scorers.judged(name, judge.get()), Optional.empty());
        }
        Files.createDirectories(files.replies().toAbsolutePath().getParent());
        CachedJudge replies = new CachedJudge(namedJudge(name), files.replies());
        return new OpenScorer(Scorers.judged(name, replies), Optional.of(replies));
    }

    private Judge namedJudge(String scorer) throws IOException {
        String named = test.judge().isEmpty() ? settings.judge() : test.judge();
        if (named.isEmpty()) {
            throw new ExtensionConfigurationException("The scorer '" + scorer + "' of " + files.test()
                    + " needs a judge: set 'judge' of @LemTest, the configuration parameter " + Settings.JUDGE
                    + ", or the judge of the Candidate.");
        }
        return switch (JudgeSpec.parse(named)) {
            case JudgeSpec.Gemini(String model) ->
                service(named, () -> GeminiJudge.fromEnvironment(model, JudgeOptions.defaults()));
            case JudgeSpec.OpenAi(String address, String model) ->
                service(named, () -> OpenAiJudge.fromEnvironment(address, model, JudgeOptions.defaults()));
            case JudgeSpec.Local(Path file) -> {
                SharedModel shared = SharedModel.ofJudge(context, file.toString());
                yield LocalJudge.of(shared.file(), () -> loaded(shared));
            }
        };
    }

    /** One judge per service, so that all tests of a run keep within its rate. */
    private Judge service(String named, Supplier<Judge> open) {
        return context.getRoot().getStore(NAMESPACE).computeIfAbsent(named, name -> open.get(), Judge.class);
    }
}
