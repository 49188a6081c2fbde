package io.lethean.lem.evaluation.report;

import io.lethean.lem.evaluation.stats.Bootstrap;
import io.lethean.lem.evaluation.stats.ConditionMean;
import io.lethean.lem.evaluation.stats.Holm;
import io.lethean.lem.evaluation.stats.PairedComparison;
import io.lethean.lem.internal.io.PythonJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Two result files probe by probe, condition by condition: what the second scores differently from the first. */
public final class ResultComparison {

    private static final List<String> HEADINGS = List.of(
            "condition",
            "probes",
            "first",
            "second",
            "difference",
            "95 % interval",
            "+ / - / =",
            "sign test",
            "Holm",
            "d",
            "probes needed");

    private final ResultFile first;
    private final ResultFile second;
    private final Bootstrap bootstrap;
    private final List<Row> rows = new ArrayList<>();

    /**
     * One condition that both files have.
     *
     * @param condition its name, or both names where each file has a single one
     * @param firstCondition its name in the first file
     * @param secondCondition its name in the second file
     * @param first mean of the first file over all its probes
     * @param second mean of the second file
     * @param difference over the probes that both have
     * @param correctedP the p-value corrected for the number of conditions
     */
    public record Row(
            String condition,
            String firstCondition,
            String secondCondition,
            ConditionMean first,
            ConditionMean second,
            PairedComparison difference,
            double correctedP) {}

    /**
     * Compares two files.
     *
     * @param first what is compared with
     * @param second what is compared
     * @param bootstrap how intervals are computed
     * @throws IllegalArgumentException if they have no condition in common
     */
    public ResultComparison(ResultFile first, ResultFile second, Bootstrap bootstrap) {
        this.first = first;
        this.second = second;
        this.bootstrap = bootstrap;
        Map<String, String> pairs = pairs();
        List<PairedComparison> differences = pairs.entrySet().stream()
                .map(p -> PairedComparison.of(first.scores(p.getKey()), second.scores(p.getValue()), bootstrap))
                .toList();
        double[] corrected = Holm.adjust(
                differences.stream().mapToDouble(PairedComparison::pValue).toArray());
        for (Map.Entry<String, String> pair : pairs.entrySet()) {
            int at = rows.size();
            rows.add(new Row(
                    pair.getKey().equals(pair.getValue()) ? pair.getKey() : pair.getKey() + " / " + pair.getValue(),
                    pair.getKey(),
                    pair.getValue(),
                    ConditionMean.of(first.scores(pair.getKey()), bootstrap),
                    ConditionMean.of(second.scores(pair.getValue()), bootstrap),
                    differences.get(at),
                    corrected[at]));
        }
    }

    private Map<String, String> pairs() {
        List<String> ours = first.conditions();
        List<String> theirs = second.conditions();
        Map<String, String> pairs = new LinkedHashMap<>();
        ours.stream().filter(theirs::contains).forEach(name -> pairs.put(name, name));
        if (pairs.isEmpty() && ours.size() == 1 && theirs.size() == 1) {
            pairs.put(ours.getFirst(), theirs.getFirst());
        }
        if (pairs.isEmpty()) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "%s has the conditions %s and %s has %s; they have no condition in common.",
                    first.name(),
                    ours,
                    second.name(),
                    theirs));
        }
        return pairs;
    }

    /** {@return the conditions that both files have} */
    public List<Row> rows() {
        return List.copyOf(rows);
    }

    /** {@return the comparison as a table} */
    public Table table() {
        return new Table(HEADINGS, rows.stream().map(ResultComparison::cells).toList());
    }

    private static List<String> cells(Row row) {
        PairedComparison d = row.difference();
        return List.of(
                row.condition(),
                Integer.toString(d.differences().size()),
                Numbers.two(row.first().mean()),
                Numbers.two(row.second().mean()),
                Numbers.signed(d.mean()),
                Numbers.interval(d.interval()),
                ConditionTable.counts(d),
                Numbers.p(d.pValue()),
                Numbers.p(row.correctedP()),
                Numbers.signed(d.cohensD()),
                ConditionTable.whole(d.probesNeeded()));
    }

    Table legend() {
        return Legend.of(bootstrap, List.of(), table());
    }

    /** {@return what to mind in reading the table, one sentence each} */
    public List<String> remarks() {
        List<String> remarks = new ArrayList<>();
        if (!first.scorer().equals(second.scorer())) {
            remarks.add(String.format(
                    Locale.ROOT,
                    "The first file is scored by %s and the second by %s; choose one scorer for both.",
                    first.scorer(),
                    second.scorer()));
        }
        for (Row row : rows) {
            PairedComparison d = row.difference();
            if (!d.isDistinct()) {
                remarks.add(row.condition() + ": no difference seen.");
            }
            if (d.onlyFirst() + d.onlySecond() > 0) {
                remarks.add(String.format(
                        Locale.ROOT,
                        "%s: %d probes are in the first file only and %d in the second; they are left out.",
                        row.condition(),
                        d.onlyFirst(),
                        d.onlySecond()));
            }
        }
        return remarks;
    }

    ResultFile first() {
        return first;
    }

    ResultFile second() {
        return second;
    }

    /** Which files are compared and how they are scored. */
    String subtitle() {
        return String.format(
                Locale.ROOT,
                "First: %s (%s, %s). Second: %s (%s, %s). Differences are second minus first.",
                first.name(),
                first.model(),
                first.scorer(),
                second.name(),
                second.model(),
                second.scorer());
    }

    /** {@return the comparison as text for a terminal} */
    public String toText() {
        return subtitle() + "\n\n" + table().toText() + "\n" + String.join("\n", remarks())
                + (remarks().isEmpty() ? "" : "\n\n") + legend().toText();
    }

    /** {@return the comparison as Markdown} */
    public String markdown() {
        StringBuilder text = new StringBuilder("# Comparison\n\n" + subtitle() + "\n\n" + table().toMarkdown());
        remarks().forEach(remark -> text.append('\n').append(remark).append('\n'));
        return text.append('\n').append(legend().toMarkdown()).toString();
    }

    /** {@return one self-contained page: the table, each probe's difference, and the answers next to each other} */
    public String html() {
        return new ComparisonPage(this).html();
    }

    /** {@return the comparison as JSON} */
    public String json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("first", StatisticsJson.of(first));
        json.put("second", StatisticsJson.of(second));
        json.put("conditions", rows.stream().map(ResultComparison::json).toList());
        json.put("remarks", remarks());
        return PythonJson.write(json) + "\n";
    }

    private static Map<String, @Nullable Object> json(Row row) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("condition", row.condition());
        json.put("first", StatisticsJson.of(row.first()));
        json.put("second", StatisticsJson.of(row.second()));
        json.put("difference", StatisticsJson.of(row.difference()));
        json.put("p_holm", row.correctedP());
        return json;
    }
}
