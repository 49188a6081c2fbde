package io.lethean.lem.evaluation.internal.reproduce;

import io.lethean.lem.evaluation.ab.AbSummary;
import io.lethean.lem.evaluation.ab.AbSummary.ConditionSummary;
import io.lethean.lem.evaluation.ab.ScoredProbe;
import io.lethean.lem.evaluation.internal.reproduce.PublishedTable.Row;
import io.lethean.lem.evaluation.internal.reproduce.RecordedFolder.AbFile;
import io.lethean.lem.evaluation.internal.reproduce.ReproducedCell.Verdict;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.report.ResultFile;
import io.lethean.lem.evaluation.report.Table;
import io.lethean.lem.evaluation.score.Sample;
import io.lethean.lem.evaluation.score.Scorers;
import io.lethean.lem.internal.io.PythonJson;
import io.lethean.lem.internal.io.PythonRounding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Every published table that can be made from recorded files, made again: published, recomputed, and why they differ.
 *
 * <p>Files are found by their published names. Scores are computed again from recorded answers where a file has answers,
 * and averaged as recorded where it has only ratings.
 */
public final class Reproduction {

    private static final List<String> HEADINGS =
            List.of("row", "number", "published", "recomputed", "as recorded", "verdict", "why");

    private static final String GSM8K_QUESTIONS = "gsm8k.jsonl";
    private static final String GSM8K_VERDICTS = "gsm8k_scores.json";

    private final RecordedFolder folder;
    private final String otherwise;
    private final List<ReproducedTable> tables = new ArrayList<>();

    /**
     * A published table with its numbers made again.
     *
     * @param id a short name
     * @param title what it shows
     * @param note what to know in reading it; may be empty
     * @param cells row by row, in each row column by column
     */
    public record ReproducedTable(String id, String title, String note, List<ReproducedCell> cells) {

        public ReproducedTable {
            cells = List.copyOf(cells);
        }

        /** The table for printing. */
        public Table table() {
            return new Table(HEADINGS, cells.stream().map(ReproducedTable::row).toList());
        }

        private static List<String> row(ReproducedCell cell) {
            return List.of(
                    cell.row(),
                    cell.column(),
                    Table.number(cell.published()),
                    Table.number(cell.recomputed()),
                    Table.number(cell.recorded()),
                    cell.verdict().text(),
                    cell.why());
        }
    }

    private Reproduction(RecordedFolder folder, Predicate<Row> wanted, String otherwise) throws IOException {
        this.folder = folder;
        this.otherwise = otherwise;
        for (PublishedTable table : PublishedTable.all()) {
            List<Row> rows = table.rows().stream().filter(wanted).toList();
            if (!rows.isEmpty()) {
                tables.add(reproduce(table, rows));
            }
        }
    }

    /**
     * Recomputes all tables from a folder, which is searched with its subfolders.
     *
     * @throws IOException if the folder or a file in it cannot be read
     */
    public static Reproduction of(Path recorded) throws IOException {
        return new Reproduction(new RecordedFolder(recorded), row -> true, "no reason known");
    }

    /**
     * Recomputes what can be made of some files alone, which were answered again.
     *
     * @param files published names
     */
    public static Reproduction of(Path recorded, Set<String> files) throws IOException {
        return new Reproduction(
                new RecordedFolder(recorded),
                row -> files.contains(row.file()) && (!row.base().endsWith(".jsonl") || files.contains(row.base())),
                "answered again, by another engine, model file, kernel or probes than the published ones");
    }

    /** The tables. */
    public List<ReproducedTable> tables() {
        return List.copyOf(tables);
    }

    private ReproducedTable reproduce(PublishedTable table, List<Row> rows) throws IOException {
        List<ReproducedCell> cells = new ArrayList<>();
        for (Row row : rows) {
            for (int column = 0; column < table.columns().size(); column++) {
                Made number = number(table, row, table.columns().get(column));
                cells.add(cell(row, table.columns().get(column), row.published().get(column), number));
            }
        }
        return new ReproducedTable(table.id(), table.title(), table.note(), cells);
    }

    /** A number made again, and the same from the file's own scores; {@code remark} explains what is missing. */
    private record Made(OptionalDouble value, OptionalDouble recorded, String remark) {

        static Made missing(String remark) {
            return new Made(OptionalDouble.empty(), OptionalDouble.empty(), remark);
        }

        static Made of(OptionalDouble value, String remark) {
            return new Made(value, OptionalDouble.empty(), value.isPresent() ? remark : "the file has no such entry");
        }
    }

    private ReproducedCell cell(Row row, String column, OptionalDouble published, Made number) {
        Verdict verdict = verdict(published, number.value());
        String why = switch (verdict) {
            case EQUAL, NEW -> "";
            case NO_DATA -> number.remark();
            case DIFFERS -> why(row, published.getAsDouble(), number);
        };
        return new ReproducedCell(
                row.label(), column, row.file(), published, number.value(), number.recorded(), verdict, why);
    }

    private static Verdict verdict(OptionalDouble published, OptionalDouble recomputed) {
        if (recomputed.isEmpty()) {
            return Verdict.NO_DATA;
        }
        if (published.isEmpty()) {
            return Verdict.NEW;
        }
        return same(published.getAsDouble(), recomputed.getAsDouble()) ? Verdict.EQUAL : Verdict.DIFFERS;
    }

    private static boolean same(double a, double b) {
        return Math.abs(a - b) < 0.005;
    }

    private String why(Row row, double published, Made number) {
        if (!row.why().isEmpty()) {
            return row.why();
        }
        if (!number.remark().isEmpty()) {
            return number.remark();
        }
        boolean fromRecorded = number.recorded().isPresent()
                && same(published, number.recorded().getAsDouble());
        return fromRecorded ? "the recorded scores are not those of the recorded answers" : otherwise;
    }

    private Made number(PublishedTable table, Row row, String column) throws IOException {
        boolean single = table.kind() == PublishedTable.Kind.AB_PROBE;
        if (folder.find(row.file()).isEmpty()
                && !(single && folder.find(selected(row.file())).isPresent())) {
            return Made.missing(row.why().isEmpty() ? row.file() + " is not there" : row.why());
        }
        return switch (table.kind()) {
            case AB_MEANS -> fromAb(table, row.file(), summary -> mean(summary, column));
            case AB_COUNTS -> fromAb(table, row.file(), summary -> count(summary, row.condition(), column));
            case AB_DELTAS -> fromAb(table, row.file(), summary -> delta(summary, column));
            case AB_EFFECT -> effect(table, row);
            case AB_PROBE -> probe(table, row);
            case SCORES -> ratings(row, Pattern.compile(row.model()), column);
            case SCORE_DELTAS -> ratingDelta(row, column);
            case SCORE_MEANS_OF -> meanOfRatings(row, table.metrics());
            case GSM8K_ANSWERS -> gsm8k(row);
            case NONE -> Made.missing("it is not known how this number was made");
        };
    }

    /** A number of an A/B comparison. */
    private interface Measure {
        OptionalDouble of(AbSummary summary);
    }

    private Made fromAb(PublishedTable table, String name, Measure measure) throws IOException {
        AbFile file = folder.abFile(name);
        if (file == null) {
            return Made.missing(name + " is not there");
        }
        OptionalDouble value = measure.of(file.summary());
        return value.isEmpty()
                ? Made.missing("the file has no such condition")
                : new Made(value, measure.of(file.recordedSummary()), remark(table, file));
    }

    private static String remark(PublishedTable table, AbFile file) {
        if (!file.problems().isEmpty()) {
            return file.problems().size() + " lines of the file cannot be read";
        }
        if (file.scored().size() < table.probes()) {
            return String.format(
                    Locale.ROOT, "the file holds %d of %d probes", file.scored().size(), table.probes());
        }
        return file.recordedScorer().startsWith("v2")
                ? ""
                : "the file was recorded with A/B v1; the recomputed number is v2, and the published one may be either";
    }

    private static Optional<ConditionSummary> condition(AbSummary summary, String name) {
        return summary.conditions().stream()
                .filter(condition -> condition.name().equals(name))
                .findFirst();
    }

    private static OptionalDouble mean(AbSummary summary, String name) {
        return condition(summary, name)
                .map(condition -> OptionalDouble.of(condition.averageLek()))
                .orElseGet(OptionalDouble::empty);
    }

    private static OptionalDouble delta(AbSummary summary, String name) {
        return condition(summary, name).map(ConditionSummary::deltaVsBaseline).orElseGet(OptionalDouble::empty);
    }

    private static OptionalDouble count(AbSummary summary, String name, String column) {
        return condition(summary, name)
                .map(condition -> OptionalDouble.of(
                        switch (column) {
                            case "improved" -> condition.improved();
                            case "regressed" -> condition.regressed();
                            default -> condition.unchanged();
                        }))
                .orElseGet(OptionalDouble::empty);
    }

    private Made effect(PublishedTable table, Row row) throws IOException {
        Measure baseline = summary -> mean(summary, Kernel.BASELINE);
        Made after = fromAb(table, row.file(), baseline);
        Made before = fromAb(table, row.base(), baseline);
        String remark = after.remark().isEmpty() ? before.remark() : after.remark();
        return new Made(
                difference(after.value(), before.value()), difference(after.recorded(), before.recorded()), remark);
    }

    private static OptionalDouble difference(OptionalDouble after, OptionalDouble before) {
        return after.isPresent() && before.isPresent()
                ? OptionalDouble.of(PythonRounding.round(after.getAsDouble() - before.getAsDouble(), 2))
                : OptionalDouble.empty();
    }

    private Made probe(PublishedTable table, Row row) throws IOException {
        AbFile whole = folder.abFile(row.file());
        AbFile file = whole == null ? folder.abFile(selected(row.file())) : whole;
        if (file == null) {
            return Made.missing(row.file() + " is not there");
        }
        OptionalDouble value = score(file.scored(), row);
        String remark = value.isEmpty() ? "the file has no such probe" : remark(table, file);
        return new Made(value, score(file.recorded(), row), remark);
    }

    /** A file of single probes taken from a published one, which counts for those probes and never for a mean. */
    private static String selected(String file) {
        return file.replaceAll("\\.jsonl$", ".selected.jsonl");
    }

    private static OptionalDouble score(List<ScoredProbe> probes, Row row) {
        return probes.stream()
                .filter(probe ->
                        probe.id().startsWith(row.probe() + "_") || probe.id().equals(row.probe()))
                .map(probe -> probe.scores().get(row.condition()))
                .filter(score -> score != null)
                .mapToDouble(Double::doubleValue)
                .findFirst();
    }

    private Made ratings(Row row, Pattern model, String metric) throws IOException {
        ScoreTree tree = folder.scoreFile(row.file());
        return tree == null
                ? Made.missing(row.file() + " is not there")
                : Made.of(rounded(tree.mean(model, metric), metric), "");
    }

    /** Verdicts are printed as percent. */
    private static OptionalDouble rounded(OptionalDouble mean, String metric) {
        if (mean.isEmpty()) {
            return mean;
        }
        return OptionalDouble.of(
                metric.equals("correct")
                        ? PythonRounding.round(mean.getAsDouble() * 100, 1)
                        : PythonRounding.round(mean.getAsDouble(), 2));
    }

    private Made ratingDelta(Row row, String metric) throws IOException {
        Made after = ratings(row, Pattern.compile(row.model()), metric);
        Made before = ratings(row, Pattern.compile(row.base()), metric);
        OptionalDouble difference = difference(after.value(), before.value());
        return difference.isPresent() ? Made.of(difference, "") : after.value().isEmpty() ? after : before;
    }

    private Made meanOfRatings(Row row, List<String> metrics) throws IOException {
        ScoreTree tree = folder.scoreFile(row.file());
        return tree == null
                ? Made.missing(row.file() + " is not there")
                : Made.of(rounded(tree.meanOf(Pattern.compile(row.model()), metrics), ""), "");
    }

    private Made gsm8k(Row row) throws IOException {
        Optional<Path> answers = folder.find(row.file());
        Map<String, Sample> questions = gsm8kQuestions();
        if (answers.isEmpty() || questions.isEmpty()) {
            return Made.missing((answers.isEmpty() ? row.file() : GSM8K_QUESTIONS) + " is not there");
        }
        ResultFile file = ResultFile.read(answers.get(), Scorers.named("gsm8k"), questions);
        OptionalDouble share = file.scores("answers").means().values().stream()
                .mapToDouble(Double::doubleValue)
                .average();
        ScoreTree verdicts = folder.scoreFile(GSM8K_VERDICTS);
        OptionalDouble recorded = verdicts == null
                ? OptionalDouble.empty()
                : verdicts.mean(Pattern.compile(Pattern.quote(row.label())), "correct");
        return new Made(rounded(share, "correct"), rounded(recorded, "correct"), "");
    }

    /** The questions' own file, or else the right answers that recorded verdicts name. */
    private Map<String, Sample> gsm8kQuestions() throws IOException {
        Optional<Path> questions = folder.find(GSM8K_QUESTIONS);
        if (questions.isPresent()) {
            return Sample.readAll(questions.get());
        }
        Map<String, Sample> samples = new LinkedHashMap<>();
        ScoreTree verdicts = folder.scoreFile(GSM8K_VERDICTS);
        if (verdicts != null) {
            verdicts.expected()
                    .forEach((id, expected) -> samples.put(id, new Sample(id, "", Map.of("expected", expected))));
        }
        return samples;
    }

    /** All tables as text for a terminal. */
    public String toText() {
        return toText("", Table::toText);
    }

    /** All tables as Markdown. */
    public String toMarkdown() {
        return toText("## ", Table::toMarkdown);
    }

    private String toText(String mark, Function<Table, String> form) {
        StringBuilder text = new StringBuilder();
        for (ReproducedTable table : tables) {
            text.append(mark).append(table.title()).append("\n\n");
            if (!table.note().isEmpty()) {
                text.append(table.note()).append("\n\n");
            }
            text.append(form.apply(table.table())).append('\n');
        }
        return text.append(summary()).append('\n').toString();
    }

    /** Counts the cells that are equal, differ, and lack data. */
    public String summary() {
        long equal = count(Verdict.EQUAL);
        long differs = count(Verdict.DIFFERS);
        long missing = count(Verdict.NO_DATA);
        return String.format(
                Locale.ROOT,
                "%d published numbers recomputed: %d equal, %d differ; no data for %d.",
                equal + differs,
                equal,
                differs,
                missing);
    }

    private long count(Verdict verdict) {
        return tables.stream()
                .flatMap(table -> table.cells().stream())
                .filter(c -> c.verdict() == verdict)
                .count();
    }

    /** All tables as JSON; what is not there is null. */
    public String json() {
        List<Map<String, Object>> json = new ArrayList<>();
        for (ReproducedTable table : tables) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("id", table.id());
            object.put("title", table.title());
            object.put("note", table.note());
            object.put("cells", table.cells().stream().map(Reproduction::json).toList());
            json.add(object);
        }
        return PythonJson.write(json) + "\n";
    }

    private static Map<String, @Nullable Object> json(ReproducedCell cell) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("row", cell.row());
        json.put("column", cell.column());
        json.put("file", cell.file());
        json.put("published", orNull(cell.published()));
        json.put("recomputed", orNull(cell.recomputed()));
        json.put("recorded", orNull(cell.recorded()));
        json.put("verdict", cell.verdict().text());
        json.put("why", cell.why());
        return json;
    }

    private static @Nullable Object orNull(OptionalDouble value) {
        return value.isPresent() ? value.getAsDouble() : null;
    }
}
