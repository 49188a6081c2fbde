package io.lethean.lem.convert;

import io.lethean.lem.internal.io.Json;
import io.lethean.lem.model.FlashAttention;
import io.lethean.lem.model.KvType;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A fixture's logits in expected-logits.json, and those of a converted file at the same places. */
record ExpectedLogits(List<Integer> tokens, List<Integer> rows, int every, List<List<Double>> values) {

    static ExpectedLogits of(Path folder) throws IOException {
        Map<?, ?> root = (Map<?, ?>) Json.parse(Files.readString(folder.resolve("expected-logits.json")));
        List<List<Double>> values = ((List<?>) root.get("logits"))
                .stream()
                        .map(row -> ((List<?>) row)
                                .stream()
                                        .map(value -> ((Number) value).doubleValue())
                                        .toList())
                        .toList();
        return new ExpectedLogits(
                integers(root.get("tokens")),
                integers(root.get("rows")),
                ((Number) root.get("every")).intValue(),
                values);
    }

    private static List<Integer> integers(Object list) {
        return ((List<?>) list).stream().map(each -> ((Number) each).intValue()).toList();
    }

    /** The absolute differences at all places; attention and its cache in 32-bit floats. */
    List<Double> differences(Path file) throws IOException {
        ModelOptions options = ModelOptions.builder()
                .device("cpu")
                .threads(1)
                .contextTokens(128)
                .kvType(KvType.F32)
                .flashAttention(FlashAttention.OFF)
                .build();
        List<float[]> all = new ArrayList<>();
        try (LemModel model = LemModel.load(file, options)) {
            model.logitRows(tokens, row -> all.add(row.clone()));
        }
        List<Double> differences = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            float[] row = all.get(rows.get(i));
            for (int at = 0; at < values.get(i).size(); at++) {
                differences.add(Math.abs(row[at * every] - values.get(i).get(at)));
            }
        }
        return differences;
    }

    double largestDifference(Path file) throws IOException {
        return differences(file).stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    }
}
