package io.lethean.lem.evaluation.internal.reproduce;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A table that the published project printed, and where its numbers come from.
 *
 * @param id a short name
 * @param title what it shows
 * @param kind how its numbers are made
 * @param columns what each row has a number for
 * @param metrics the ratings that a {@link Kind#SCORE_MEANS_OF} averages; elsewhere empty
 * @param probes how many probes an A/B file must hold at least for these numbers; else 0
 * @param note what to know in reading it; empty if there is nothing
 * @param rows the rows
 */
record PublishedTable(
        String id,
        String title,
        Kind kind,
        List<String> columns,
        List<String> metrics,
        int probes,
        String note,
        List<Row> rows) {

    /** How the numbers of a table are made from recorded files. */
    enum Kind {
        /** Mean score per condition of an A/B file. */
        AB_MEANS,
        /** Improved, regressed and unchanged probes of one condition of an A/B file. */
        AB_COUNTS,
        /** Difference of each condition's mean from the baseline's. */
        AB_DELTAS,
        /** Difference of the baseline means of two A/B files. */
        AB_EFFECT,
        /** The score of one probe under one condition. */
        AB_PROBE,
        /** Means of recorded ratings of one model. */
        SCORES,
        /** Differences of such means between two models. */
        SCORE_DELTAS,
        /** Mean over entries of the mean of their ratings. */
        SCORE_MEANS_OF,
        /** Share of recorded GSM8K answers that are right. */
        GSM8K_ANSWERS,
        /** Nothing: the file was never published. */
        NONE
    }

    /**
     * A row.
     *
     * @param label its name
     * @param file the published file's name
     * @param base the file or the model to compare with; empty for no comparison
     * @param model a regular expression for the model's name within the file; empty if the file is of one model
     * @param condition the condition; empty if the columns name conditions
     * @param probe how the probe's id begins; empty if all probes count
     * @param published the printed numbers, one per column
     * @param why a known reason for a difference; empty if unknown
     */
    record Row(
            String label,
            String file,
            String base,
            String model,
            String condition,
            String probe,
            List<OptionalDouble> published,
            String why) {}

    /** All tables in the order of their printing here. */
    static List<PublishedTable> all() {
        InputStream in = Objects.requireNonNull(PublishedTable.class.getResourceAsStream("published-tables.json"));
        return stream(JsonMapper.builder().build().readTree(in))
                .map(PublishedTable::from)
                .toList();
    }

    private static Stream<JsonNode> stream(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    private static PublishedTable from(JsonNode node) {
        String kind = node.get("kind").asString().toUpperCase(Locale.ROOT).replace('-', '_');
        List<Row> rows = new ArrayList<>();
        stream(node.get("rows")).map(PublishedTable::row).forEach(rows::add);
        return new PublishedTable(
                node.get("id").asString(),
                node.get("title").asString(),
                Kind.valueOf(kind),
                texts(node.path("columns")),
                texts(node.path("metrics")),
                node.path("probes").asInt(0),
                text(node, "note"),
                List.copyOf(rows));
    }

    private static Row row(JsonNode node) {
        return new Row(
                text(node, "label"),
                text(node, "file"),
                text(node, "base"),
                text(node, "model"),
                text(node, "condition"),
                text(node, "probe"),
                stream(node.get("published"))
                        .map(value -> value.isNull() ? OptionalDouble.empty() : OptionalDouble.of(value.doubleValue()))
                        .toList(),
                text(node, "why"));
    }

    private static List<String> texts(JsonNode array) {
        return stream(array).map(JsonNode::asString).toList();
    }

    private static String text(JsonNode node, String field) {
        return node.path(field).asString("");
    }
}
