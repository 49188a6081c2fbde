package io.lethean.lem.evaluation.report;

import io.lethean.lem.evaluation.stats.Bootstrap;
import io.lethean.lem.evaluation.stats.ConditionMean;
import io.lethean.lem.evaluation.stats.Interval;
import io.lethean.lem.internal.io.PythonJson;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A run as people look at it: one page without a network, and the same as Markdown, CSV and JSON. */
public final class RunReport {

    private final ResultFile run;
    private final Bootstrap bootstrap;
    private final List<ConditionStatistics> conditions;

    /**
     * The report of a run; the statistics are computed once, here.
     *
     * @param run the recorded answers
     * @param bootstrap how intervals are computed
     */
    public RunReport(ResultFile run, Bootstrap bootstrap) {
        this.run = run;
        this.bootstrap = bootstrap;
        conditions = RunStatistics.of(run, bootstrap);
    }

    /** {@return the statistics that the report shows, the baseline first where there is one} */
    public List<ConditionStatistics> conditions() {
        return conditions;
    }

    /**
     * {@return the report in one of its forms}
     *
     * @param form the format
     */
    public String as(ReportForm form) {
        return switch (form) {
            case HTML -> html();
            case MARKDOWN -> markdown();
            case CSV -> csv();
            case JSON -> json();
        };
    }

    /**
     * {@return the result in a few lines, to be read first: who answered what, the mean scores, and which way they
     * differ}
     */
    public String headline() {
        return new RunHeadline(run, conditions).text();
    }

    /** {@return a typical probe with the beginnings of its answers; empty if the file has no texts} */
    public Optional<String> example() {
        return new RunExample(run).text();
    }

    /** {@return the table, a column per condition, and the verdicts, as text for a terminal} */
    public String toText() {
        StringBuilder text = new StringBuilder(table().transposed().toText());
        verdicts().forEach(verdict -> text.append(verdict).append('\n'));
        return text.append('\n').append(legend().toText()).toString();
    }

    private Table legend() {
        return Legend.of(bootstrap, means(), table());
    }

    private List<ConditionMean> means() {
        return conditions.stream().map(ConditionStatistics::mean).toList();
    }

    /** {@return the table of the conditions} */
    public Table table() {
        return ConditionTable.of(conditions);
    }

    /** {@return one sentence per compared condition: how large the difference is, or that no difference was seen} */
    public List<String> verdicts() {
        return conditions.stream()
                .map(ConditionTable::verdict)
                .filter(verdict -> !verdict.isEmpty())
                .toList();
    }

    /** {@return one self-contained page} */
    public String html() {
        StringBuilder body = new StringBuilder();
        body.append("<h1>")
                .append(Html.escape(run.model()))
                .append("</h1>\n<p>")
                .append(Html.escape(subtitle()))
                .append("</p>\n");
        verdicts()
                .forEach(verdict -> body.append("<p class=\"verdict\">")
                        .append(Html.escape(verdict))
                        .append("</p>\n"));
        body.append("<h2>Conditions</h2>\n").append(Html.table(table()));
        body.append(Html.details("What the columns mean", legend()));
        appendDifferences(body);
        body.append("<h2>Signals</h2>\n").append(new SignalPlot(run).all());
        body.append("<h2>Answers</h2>\n").append(new AnswerSection(run).html());
        appendProblems(body);
        return Html.page(run.model(), body.toString());
    }

    private String subtitle() {
        return String.format(
                Locale.ROOT,
                "%s: %s probes, scored by %s. %s",
                run.name(),
                run.probes().size(),
                run.scorer(),
                Legend.intervals(bootstrap, means()));
    }

    private void appendDifferences(StringBuilder body) {
        for (ConditionStatistics condition : conditions) {
            condition
                    .difference()
                    .filter(d -> !d.differences().isEmpty())
                    .ifPresent(difference -> body.append("<h2>")
                            .append(Html.escape(condition.name()))
                            .append(" against ")
                            .append(Html.escape(run.baseline()))
                            .append("</h2>\n")
                            .append(new DifferencePlot(difference, spreads(condition.name()))
                                    .svg(condition.name(), run.baseline())));
        }
    }

    /** Of a probe asked several times under both conditions: its difference, give or take two standard errors. */
    private Map<String, Interval> spreads(String condition) {
        Map<String, Interval> spreads = new LinkedHashMap<>();
        for (AnsweredProbe probe : run.probes()) {
            double[] before = scores(probe.answers(run.baseline()));
            double[] after = scores(probe.answers(condition));
            if (before.length > 1 && after.length > 1) {
                double difference = Arrays.stream(after).average().orElseThrow()
                        - Arrays.stream(before).average().orElseThrow();
                double error = Math.sqrt(squaredError(before) + squaredError(after));
                Interval spread = new Interval(difference - 2 * error, difference + 2 * error, bootstrap.level());
                spreads.put(probe.id(), spread);
            }
        }
        return spreads;
    }

    private static double[] scores(List<ScoredAnswer> answers) {
        return answers.stream()
                .filter(answer -> answer.score().isPresent())
                .mapToDouble(answer -> answer.score().getAsDouble())
                .toArray();
    }

    private static double squaredError(double[] values) {
        double mean = Arrays.stream(values).average().orElseThrow();
        return Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum() / (values.length - 1) / values.length;
    }

    private void appendProblems(StringBuilder body) {
        if (!run.remarks().isEmpty()) {
            String heading =
                    run.problems().isEmpty() ? "Values that could not be used" : "Lines that could not be read";
            body.append("<h2>").append(heading).append("</h2>\n<ul>\n");
            run.remarks()
                    .forEach(problem ->
                            body.append("<li>").append(Html.escape(problem)).append("</li>\n"));
            body.append("</ul>\n");
        }
    }

    /** {@return the statistics as Markdown} */
    public String markdown() {
        StringBuilder text = new StringBuilder("# " + run.model() + "\n\n" + subtitle() + "\n\n");
        verdicts().forEach(verdict -> text.append(verdict).append("\n\n"));
        text.append(table().toMarkdown()).append('\n').append(legend().toMarkdown());
        run.remarks().forEach(problem -> text.append("\n").append(problem).append("\n"));
        return text.toString();
    }

    /** {@return one row per answer: probe, category, condition, score, flags and every signal} */
    public String csv() {
        List<String> signals = run.probes().stream()
                .flatMap(probe -> probe.answers().values().stream())
                .flatMap(List::stream)
                .flatMap(answer -> answer.signals().keySet().stream())
                .distinct()
                .toList();
        List<String> headings = new ArrayList<>(List.of("id", "category", "condition", "score", "flags"));
        headings.addAll(signals);
        List<List<String>> rows = new ArrayList<>();
        run.probes()
                .forEach(probe -> probe.answers()
                        .forEach((condition, answers) ->
                                answers.forEach(answer -> rows.add(csvRow(probe, condition, answer, signals)))));
        return new Table(headings, rows).toCsv();
    }

    private static List<String> csvRow(
            AnsweredProbe probe, String condition, ScoredAnswer answer, List<String> signals) {
        List<String> row = new ArrayList<>(List.of(probe.id(), probe.category(), condition));
        row.add(answer.score().isPresent() ? PythonJson.write(answer.score().getAsDouble()) : "");
        row.add(String.join(
                " ", answer.flags().stream().sorted().map(flag -> flag.label()).toList()));
        signals.forEach(signal -> {
            Double value = answer.signals().get(signal);
            row.add(value == null ? "" : PythonJson.write(value));
        });
        return row;
    }

    /** {@return the statistics as JSON; what is not there is null} */
    public String json() {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("file", run.name());
        report.put("model", run.model());
        report.put("scorer", run.scorer());
        report.put("probes", (long) run.probes().size());
        report.put("bootstrap", StatisticsJson.of(bootstrap));
        report.put("conditions", conditions.stream().map(StatisticsJson::of).toList());
        report.put("problems", run.remarks());
        return PythonJson.write(report) + "\n";
    }
}
