package io.lethean.lem.evaluation.report;

import io.lethean.lem.internal.io.PythonJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The curves of a training, or of the phases of a curriculum: one page without a network, Markdown, CSV and JSON. */
public final class TrainingReport {

    private static final String EVENTS = "events.jsonl";

    private static final List<String> HEADINGS =
            List.of("iteration", "train loss", "val loss", "learning rate", "gradient norm", "tokens/s");

    private final List<TrainingRun> runs;

    private TrainingReport(List<TrainingRun> runs) {
        this.runs = runs;
    }

    /**
     * {@return whether a path is the folder or the log of a training, or the folder of a curriculum}
     *
     * @param path a file or folder
     */
    public static boolean isTraining(Path path) {
        Path name = path.getFileName();
        return Files.isDirectory(path) || name != null && name.toString().equals(EVENTS);
    }

    /**
     * Reads a training, or all phases of a curriculum.
     *
     * @param path an adapter folder, its {@code events.jsonl}, or the folder of a curriculum
     * @return the report
     * @throws io.lethean.lem.MalformedDataException if a log is not one of a training
     * @throws IOException if there is no log, or it cannot be read
     */
    public static TrainingReport read(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            return new TrainingReport(
                    List.of(TrainingRun.read(nameOf(path.toAbsolutePath().getParent()), path)));
        }
        List<TrainingRun> runs = new ArrayList<>();
        if (Files.exists(path.resolve(EVENTS))) {
            runs.add(TrainingRun.read(nameOf(path), path.resolve(EVENTS)));
        }
        try (Stream<Path> phases = Files.list(path)) {
            for (Path phase : phases.sorted().toList()) {
                if (Files.exists(phase.resolve(EVENTS))) {
                    runs.add(TrainingRun.read(nameOf(phase), phase.resolve(EVENTS)));
                }
            }
        }
        if (runs.isEmpty()) {
            throw new NoSuchFileException(
                    path.toString(),
                    null,
                    "The folder " + path + " contains no " + EVENTS + ", so there is no training to report on; name the"
                            + " adapter folder of a training or of a curriculum.");
        }
        return new TrainingReport(runs);
    }

    private static String nameOf(@Nullable Path folder) {
        Path name = folder == null ? null : folder.toAbsolutePath().normalize().getFileName();
        return name == null ? "training" : name.toString();
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
            case JSON -> PythonJson.write(fields()) + "\n";
        };
    }

    /** {@return the tables, for a terminal} */
    public String toText() {
        StringBuilder text = new StringBuilder();
        for (TrainingRun run : runs) {
            text.append(text.isEmpty() ? "" : "\n").append(headline(run)).append('\n');
            text.append(table(run).toText());
        }
        return text.toString();
    }

    private String markdown() {
        StringBuilder text = new StringBuilder("# Training\n");
        for (TrainingRun run : runs) {
            text.append("\n## ")
                    .append(run.name())
                    .append("\n\n")
                    .append(headline(run))
                    .append("\n\n");
            text.append(table(run).toMarkdown());
        }
        return text.toString();
    }

    private String html() {
        StringBuilder body = new StringBuilder("<h1>Training</h1>\n");
        for (TrainingRun run : runs) {
            body.append("<h2>").append(Html.escape(run.name())).append("</h2>\n<p>");
            body.append(Html.escape(headline(run))).append("</p>\n");
            body.append(new CurvePlot("Loss")
                    .curve("train", run.series("train_loss"))
                    .curve("valid", run.series("val_loss"))
                    .svg());
            body.append(one(run, "Learning rate", "learning_rate"));
            body.append(one(run, "Gradient norm", "gradient_norm"));
            body.append(one(run, "Trained tokens per second", "tokens_per_second"));
            body.append(Html.details("All values", table(run)));
        }
        return Html.page("Training", body.toString());
    }

    private static String one(TrainingRun run, String title, String value) {
        return new CurvePlot(title).curve("", run.series(value)).svg();
    }

    private static String headline(TrainingRun run) {
        StringBuilder line = new StringBuilder(run.name() + ": " + run.iterations() + " iterations, "
                + (run.end().isEmpty() ? "not ended" : run.end().replace('_', ' ')));
        NavigableMap<Long, Double> losses = run.series("val_loss");
        losses.entrySet().stream()
                .min(Map.Entry.comparingByValue())
                .ifPresent(best -> line.append(", validation loss ")
                        .append(CurvePlot.number(losses.firstEntry().getValue()))
                        .append(" at first, ")
                        .append(CurvePlot.number(losses.lastEntry().getValue()))
                        .append(" at last, ")
                        .append(CurvePlot.number(best.getValue()))
                        .append(" at best after iteration ")
                        .append(best.getKey()));
        return line.append('.').toString();
    }

    private static Table table(TrainingRun run) {
        List<List<String>> rows = new ArrayList<>();
        run.points().forEach((iteration, point) -> rows.add(cells(iteration, point)));
        return new Table(HEADINGS, rows);
    }

    private static List<String> cells(long iteration, Map<String, Double> point) {
        List<String> cells = new ArrayList<>(List.of(Long.toString(iteration)));
        for (String value : TrainingRun.VALUES) {
            Double found = point.get(value);
            cells.add(found == null ? Numbers.NONE : CurvePlot.number(found));
        }
        return cells;
    }

    /** Every value as it was recorded, a row per phase and iteration. */
    private String csv() {
        List<String> headings = new ArrayList<>(List.of("run", "iteration"));
        headings.addAll(TrainingRun.VALUES);
        List<List<String>> rows = new ArrayList<>();
        for (TrainingRun run : runs) {
            run.points().forEach((iteration, point) -> {
                List<String> row = new ArrayList<>(List.of(run.name(), Long.toString(iteration)));
                TrainingRun.VALUES.forEach(value -> row.add(point.containsKey(value) ? "" + point.get(value) : ""));
                rows.add(row);
            });
        }
        return new Table(headings, rows).toCsv();
    }

    private Map<String, Object> fields() {
        List<Object> all = new ArrayList<>();
        for (TrainingRun run : runs) {
            List<Object> points = new ArrayList<>();
            run.points().forEach((iteration, point) -> {
                Map<String, Object> fields = new LinkedHashMap<>();
                fields.put("iteration", iteration);
                fields.putAll(point);
                points.add(fields);
            });
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("name", run.name());
            fields.put("end", run.end());
            fields.put("points", points);
            all.add(fields);
        }
        return Map.of("runs", all);
    }
}
