package io.lethean.lem.evaluation.score;

import io.lethean.lem.evaluation.probe.Probe;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * A question of the suite {@code content}, with what a judge is told about it.
 *
 * <p>The ids are the published ones; question and references are this project's own.
 *
 * @param probe the question, of category {@code content}
 * @param fields {@code ground_truth}, {@code ccp_markers} and {@code truth_markers}
 */
public record ContentProbe(Probe probe, Map<String, Object> fields) {

    private static final List<ContentProbe> ALL = read();

    /** {@return all questions in their order} */
    public static List<ContentProbe> all() {
        return ALL;
    }

    static Optional<ContentProbe> byId(String id) {
        return ALL.stream().filter(known -> known.probe().id().equals(id)).findFirst();
    }

    private static List<ContentProbe> read() {
        InputStream in = Objects.requireNonNull(ContentProbe.class.getResourceAsStream("content-probes.json"));
        List<Map<String, Object>> rows =
                JsonMapper.builder().build().readValue(in, new TypeReference<List<Map<String, Object>>>() {});
        return rows.stream().map(ContentProbe::from).toList();
    }

    private static ContentProbe from(Map<String, Object> row) {
        Map<String, Object> fields = new LinkedHashMap<>(row);
        String id = (String) Objects.requireNonNull(fields.remove("id"));
        String prompt = (String) Objects.requireNonNull(fields.remove("prompt"));
        return new ContentProbe(new Probe(id, "content", prompt), fields);
    }
}
