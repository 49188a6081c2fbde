package io.lethean.lem.evaluation.internal.reproduce;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A published file of ratings: objects nested by benchmark, model and id, in whatever order and depth.
 *
 * <p>An entry is an object that holds numbers or verdicts of its own. Parts that are named as averages or summaries are
 * left out.
 */
final class ScoreTree {

    private static final Pattern AGGREGATE =
            Pattern.compile("(?i).*(?:average|summary|mean|aggregate|total|metadata).*");

    private final List<Entry> entries = new ArrayList<>();
    private final Map<String, String> expected = new LinkedHashMap<>();

    /** The keys that lead to an entry, with the values of its {@code model} fields, and its numbers. */
    private record Entry(List<String> path, Map<String, Double> numbers) {

        boolean isOf(Pattern model) {
            return path.stream().anyMatch(step -> model.matcher(step).matches());
        }
    }

    private ScoreTree(JsonNode root) {
        walk(root, List.of());
    }

    /**
     * Reads a file.
     *
     * @throws IOException if it cannot be read or is not JSON
     */
    static ScoreTree read(Path file) throws IOException {
        try {
            return new ScoreTree(JsonMapper.builder().build().readTree(file));
        } catch (JacksonException e) {
            throw new IOException(file + " is not JSON: " + e.getOriginalMessage(), e);
        }
    }

    private void walk(JsonNode node, List<String> path) {
        if (node.isArray()) {
            node.forEach(element -> walk(element, path));
        } else if (node.isObject()) {
            List<String> here = new ArrayList<>(path);
            if (node.path("model").isString()) {
                here.add(node.get("model").stringValue());
            }
            Map<String, Double> numbers = numbers(node);
            if (!numbers.isEmpty()) {
                entries.add(new Entry(List.copyOf(here), numbers));
            }
            if (node.path("expected").isString() && !path.isEmpty()) {
                expected.put(path.getLast(), node.get("expected").stringValue());
            }
            node.properties().forEach(member -> descend(member, here));
        }
    }

    private void descend(Map.Entry<String, JsonNode> member, List<String> here) {
        if (member.getValue().isContainer()
                && !AGGREGATE.matcher(member.getKey()).matches()) {
            List<String> below = new ArrayList<>(here);
            below.add(member.getKey());
            walk(member.getValue(), below);
        }
    }

    private static Map<String, Double> numbers(JsonNode object) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        object.properties().forEach(member -> {
            JsonNode value = member.getValue();
            if (value.isNumber()) {
                numbers.put(member.getKey(), value.doubleValue());
            } else if (value.isBoolean()) {
                numbers.put(member.getKey(), value.booleanValue() ? 1.0 : 0.0);
            }
        });
        return numbers;
    }

    /** The right answers that entries name, by the entry's id. */
    Map<String, String> expected() {
        return expected;
    }

    /** The mean of a rating over the entries of a model that have it; empty if no entry has it. */
    OptionalDouble mean(Pattern model, String metric) {
        return entries.stream()
                .filter(entry -> entry.isOf(model) && entry.numbers().containsKey(metric))
                .mapToDouble(entry -> entry.numbers().get(metric))
                .average();
    }

    /** The mean over the entries of a model of the mean of several ratings. */
    OptionalDouble meanOf(Pattern model, List<String> metrics) {
        return entries.stream()
                .filter(entry -> entry.isOf(model) && entry.numbers().keySet().containsAll(metrics))
                .mapToDouble(entry -> metrics.stream()
                                .mapToDouble(metric -> entry.numbers().get(metric))
                                .sum()
                        / metrics.size())
                .average();
    }
}
