package io.lethean.lem.evaluation.report;

import io.lethean.lem.internal.io.JsonLine;
import io.lethean.lem.internal.io.JsonLineReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What a training recorded in its {@code events.jsonl}.
 *
 * @param name of its folder
 * @param end why it ended; empty if it has not ended
 * @param points by iteration, each the recorded values by name
 */
record TrainingRun(String name, String end, NavigableMap<Long, Map<String, Double>> points) {

    /** The recorded values in the order of the tables, by the names of mlx-lm. */
    static final List<String> VALUES =
            List.of("train_loss", "val_loss", "learning_rate", "gradient_norm", "tokens_per_second");

    /**
     * Reads a log. What an interrupted training had reported after the checkpoint that it resumed from is left out, and so
     * is a last line that was cut.
     */
    static TrainingRun read(String name, Path events) throws IOException {
        TreeMap<Long, Map<String, Double>> points = new TreeMap<>();
        String end = "";
        try (JsonLineReader reader = new JsonLineReader(events)) {
            for (JsonLine line = reader.next(); line != null; line = reader.next()) {
                if (!line.isComplete()) {
                    break;
                }
                Map<String, Object> event = line.object();
                if (!(event.get("iteration") instanceof Long iteration)) {
                    throw line.malformed("an event of a training has a whole number as \"iteration\".");
                }
                if ("started".equals(event.get("event"))) {
                    points.tailMap(iteration, false).clear();
                    end = "";
                }
                take(event, points.computeIfAbsent(iteration, i -> new LinkedHashMap<>()));
                end = event.get("end") instanceof String why ? why : end;
            }
        }
        points.values().removeIf(Map::isEmpty);
        return new TrainingRun(name, end, points);
    }

    private static void take(Map<String, Object> event, Map<String, Double> point) {
        for (String value : VALUES) {
            if (event.get(value) instanceof Number number && Double.isFinite(number.doubleValue())) {
                point.put(value, number.doubleValue());
            }
        }
    }

    /** One value over the iterations. */
    NavigableMap<Long, Double> series(String value) {
        NavigableMap<Long, Double> series = new TreeMap<>();
        points.forEach((iteration, point) -> {
            Double found = point.get(value);
            if (found != null) {
                series.put(iteration, found);
            }
        });
        return series;
    }

    long iterations() {
        return points.isEmpty() ? 0 : points.lastKey();
    }
}
