package io.lethean.lem.evaluation.report;

import io.lethean.lem.evaluation.experiment.Arm;
import io.lethean.lem.evaluation.experiment.Contrast;
import io.lethean.lem.evaluation.experiment.Experiment;
import io.lethean.lem.evaluation.experiment.ExperimentResult;
import io.lethean.lem.evaluation.score.AnswerFlag;
import io.lethean.lem.evaluation.stats.Bootstrap;
import io.lethean.lem.evaluation.stats.ConditionMean;
import io.lethean.lem.evaluation.stats.Holm;
import io.lethean.lem.evaluation.stats.PairedComparison;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

/**
 * What an experiment came to: the mean of each arm, and each comparison with its interval and test.
 *
 * <p>Comparisons are paired by probe; a probe that was answered several times counts once. Their p-values are
 * corrected together, by Holm.
 */
public final class ExperimentReport {

    private static final List<String> ARM_HEADINGS =
            List.of("model", "condition", "answers", "unscored", "mean", "95 % interval", "mean, unflagged", "flags");
    private static final List<String> CONTRAST_HEADINGS = List.of(
            "comparison",
            "probes",
            "difference",
            "95 % interval",
            "unflagged",
            "+ / - / =",
            "sign test",
            "Holm",
            "d",
            "rank r",
            "probes needed");

    /** A form in which the tables are written. */
    private record Form(String suffix, Function<ExperimentReport, String> text) {}

    private static final List<Form> FORMS = List.of(
            new Form("txt", ExperimentReport::toText),
            new Form("json", ExperimentReport::json),
            new Form("md", ExperimentReport::markdown),
            new Form("html", ExperimentReport::html));

    private static final double THRESHOLD = 0.05;

    private final Experiment experiment;
    private final Map<String, ResultFile> runs;
    private final Bootstrap bootstrap;
    private final List<ArmMean> arms = new ArrayList<>();
    private final List<ComparedArms> comparisons = new ArrayList<>();

    /**
     * One arm.
     *
     * @param arm the model and the condition
     * @param answers how many answers were recorded
     * @param mean over all answers
     * @param unflaggedMean over the answers without a flag
     * @param flags how many answers carry each flag that occurs
     */
    public record ArmMean(
            Arm arm, int answers, ConditionMean mean, ConditionMean unflaggedMean, Map<AnswerFlag, Integer> flags) {}

    /**
     * One comparison.
     *
     * @param contrast what is compared
     * @param difference over all answers
     * @param unflaggedDifference over the answers without a flag on both sides
     * @param correctedP the p-value, corrected for the number of comparisons of the experiment
     */
    public record ComparedArms(
            Contrast contrast, PairedComparison difference, PairedComparison unflaggedDifference, double correctedP) {}

    /**
     * The report of an experiment.
     *
     * @param experiment what is compared
     * @param runs the recorded answers by the model's name
     * @param bootstrap how intervals are computed
     * @throws IllegalArgumentException if a comparison names a model or a condition that was not run
     */
    public ExperimentReport(Experiment experiment, Map<String, ResultFile> runs, Bootstrap bootstrap) {
        this.experiment = experiment;
        this.runs = new LinkedHashMap<>(runs);
        this.bootstrap = bootstrap;
        Set<Arm> needed = new LinkedHashSet<>();
        runs.forEach((model, run) -> run.conditions().forEach(name -> needed.add(new Arm(model, name))));
        experiment.contrasts().forEach(contrast -> requireRun(contrast, needed));
        needed.forEach(arm -> arms.add(mean(arm)));
        List<PairedComparison> differences = experiment.contrasts().stream()
                .map(contrast -> difference(contrast, false))
                .toList();
        double[] corrected = Holm.adjust(
                differences.stream().mapToDouble(PairedComparison::pValue).toArray());
        for (int i = 0; i < corrected.length; i++) {
            Contrast contrast = experiment.contrasts().get(i);
            comparisons.add(new ComparedArms(contrast, differences.get(i), difference(contrast, true), corrected[i]));
        }
    }

    /**
     * {@return the report of an experiment that was run; reads its files of answers}
     *
     * @param result what the run gave
     * @param bootstrap how intervals are computed
     * @throws IOException if a file of answers cannot be read
     */
    public static ExperimentReport of(ExperimentResult result, Bootstrap bootstrap) throws IOException {
        Map<String, ResultFile> runs = new LinkedHashMap<>();
        for (Map.Entry<String, Path> file : result.answers().entrySet()) {
            runs.put(file.getKey(), ResultFile.read(file.getValue()));
        }
        return new ExperimentReport(result.experiment(), runs, bootstrap);
    }

    /**
     * {@return the files that {@link #write} makes for the experiment of a name}
     *
     * @param folder the folder of the report
     * @param experiment the name of the experiment
     */
    public static List<Path> files(Path folder, String experiment) {
        return FORMS.stream()
                .map(form -> folder.resolve(experiment + "." + form.suffix()))
                .toList();
    }

    /**
     * Writes the tables as text, JSON, Markdown and HTML, each named after the experiment.
     *
     * @param folder the folder of the report
     * @throws IOException if a file cannot be written
     */
    public void write(Path folder) throws IOException {
        for (Form form : FORMS) {
            ReportForm.write(
                    folder.resolve(experiment.name() + "." + form.suffix()),
                    form.text().apply(this));
        }
    }

    private static void requireRun(Contrast contrast, Set<Arm> present) {
        for (Arm arm : List.of(contrast.arm(), contrast.against())) {
            if (!present.contains(arm)) {
                throw new IllegalArgumentException(String.format(Locale.ROOT, "No answers are recorded for %s.", arm));
            }
        }
    }

    private ResultFile run(Arm arm) {
        return Objects.requireNonNull(runs.get(arm.model()), arm.model());
    }

    private ArmMean mean(Arm arm) {
        ResultFile run = run(arm);
        Map<AnswerFlag, Integer> flags = new EnumMap<>(AnswerFlag.class);
        int answers = 0;
        for (AnsweredProbe probe : run.probes()) {
            for (ScoredAnswer answer : probe.answers(arm.condition())) {
                answers++;
                answer.flags().forEach(flag -> flags.merge(flag, 1, Integer::sum));
            }
        }
        return new ArmMean(
                arm,
                answers,
                ConditionMean.of(run.scores(arm.condition()), bootstrap),
                ConditionMean.of(run.unflaggedScores(arm.condition()), bootstrap),
                flags);
    }

    private PairedComparison difference(Contrast contrast, boolean unflagged) {
        Arm arm = contrast.arm();
        Arm against = contrast.against();
        ResultFile after = run(arm);
        ResultFile before = run(against);
        return unflagged
                ? PairedComparison.of(
                        before.unflaggedScores(against.condition()), after.unflaggedScores(arm.condition()), bootstrap)
                : PairedComparison.of(before.scores(against.condition()), after.scores(arm.condition()), bootstrap);
    }

    /** {@return the arms, model by model} */
    public List<ArmMean> arms() {
        return List.copyOf(arms);
    }

    /** {@return the comparisons, in the experiment's order} */
    public List<ComparedArms> comparisons() {
        return List.copyOf(comparisons);
    }

    /** {@return a row per arm} */
    public Table armTable() {
        return new Table(
                ARM_HEADINGS,
                arms.stream()
                        .map(a -> List.of(
                                a.arm().model(),
                                a.arm().condition(),
                                Integer.toString(a.answers()),
                                Integer.toString(a.mean().unscored()),
                                Numbers.two(a.mean().mean()),
                                Numbers.interval(a.mean().interval()),
                                Numbers.two(a.unflaggedMean().mean()),
                                ConditionTable.flags(a.flags())))
                        .toList());
    }

    /** {@return a row per comparison} */
    public Table comparisonTable() {
        return new Table(
                CONTRAST_HEADINGS,
                comparisons.stream().map(ExperimentReport::row).toList());
    }

    private static List<String> row(ComparedArms c) {
        PairedComparison d = c.difference();
        return List.of(
                c.contrast().label(),
                Integer.toString(d.differences().size()),
                Numbers.signed(d.mean()),
                Numbers.interval(d.interval()),
                Numbers.signed(c.unflaggedDifference().mean()),
                ConditionTable.counts(d),
                Numbers.p(d.pValue()),
                Numbers.p(c.correctedP()),
                Numbers.signed(d.cohensD()),
                Numbers.signed(d.rankBiserial()),
                ConditionTable.whole(d.probesNeeded()));
    }

    /** {@return one sentence per comparison: how large the difference is, or that no difference was seen} */
    public List<String> verdicts() {
        return comparisons.stream().map(this::verdict).toList();
    }

    /** An interval that leaves out zero is weak evidence where many are looked at; the corrected test says so. */
    private String verdict(ComparedArms compared) {
        String verdict = ConditionTable.verdict(compared.contrast().label(), compared.difference());
        if (!compared.difference().isDistinct() || compared.correctedP() <= THRESHOLD || comparisons.size() == 1) {
            return verdict;
        }
        return String.format(
                Locale.ROOT,
                "%s, which may be chance among %d comparisons (p %s).",
                verdict.substring(0, verdict.length() - 1),
                comparisons.size(),
                Numbers.p(compared.correctedP()));
    }

    private String subtitle() {
        return String.format(
                Locale.ROOT,
                "%s Holm corrects over all %s comparisons.",
                Legend.intervals(bootstrap, means()),
                comparisons.size());
    }

    private List<ConditionMean> means() {
        return arms.stream().map(ArmMean::mean).toList();
    }

    private Table legend() {
        return Legend.of(bootstrap, means(), armTable(), comparisonTable());
    }

    /** One sentence for each value or line of the files that could not be used. */
    private List<String> remarks() {
        return runs.values().stream().flatMap(run -> run.remarks().stream()).toList();
    }

    /** {@return both tables and the verdicts as text for a terminal} */
    public String toText() {
        StringBuilder text = new StringBuilder(experiment.question())
                .append("\n\n")
                .append(armTable().toText());
        text.append('\n').append(comparisonTable().toText()).append('\n');
        verdicts().forEach(verdict -> text.append(verdict).append('\n'));
        text.append(subtitle()).append('\n');
        remarks().forEach(remark -> text.append(remark).append('\n'));
        return text.append('\n').append(legend().toText()).toString();
    }

    /** {@return both tables and the verdicts as Markdown} */
    public String markdown() {
        StringBuilder text =
                new StringBuilder("# Experiment: ").append(experiment.name()).append("\n\n");
        text.append(experiment.question()).append("\n\n").append(armTable().toMarkdown());
        text.append('\n').append(comparisonTable().toMarkdown());
        verdicts().forEach(verdict -> text.append('\n').append(verdict).append('\n'));
        remarks().forEach(remark -> text.append('\n').append(remark).append('\n'));
        text.append('\n').append(subtitle()).append("\n\n");
        return text.append(legend().toMarkdown()).toString();
    }

    /** {@return one self-contained page: all comparisons in one plot, and both tables} */
    public String html() {
        StringBuilder body = new StringBuilder("<h1>Experiment: ").append(Html.escape(experiment.name()));
        body.append("</h1>\n<p>")
                .append(Html.escape(experiment.question() + " " + subtitle()))
                .append("</p>\n");
        body.append("<h2>Comparisons</h2>\n").append(new IntervalPlot(comparisons).svg());
        body.append(Html.table(comparisonTable())).append("<ul>\n");
        verdicts()
                .forEach(verdict ->
                        body.append("<li>").append(Html.escape(verdict)).append("</li>\n"));
        remarks()
                .forEach(remark ->
                        body.append("<li>").append(Html.escape(remark)).append("</li>\n"));
        body.append("</ul>\n<h2>Means</h2>\n").append(Html.table(armTable()));
        body.append(Html.details("What the columns mean", legend()));
        return Html.page("Experiment: " + experiment.name(), body.toString());
    }

    /** {@return everything as JSON; what is not there is null} */
    public String json() {
        return ExperimentJson.of(experiment, bootstrap, runs, arms, comparisons);
    }
}
