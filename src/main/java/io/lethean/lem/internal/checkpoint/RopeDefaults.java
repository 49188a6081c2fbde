package io.lethean.lem.internal.checkpoint;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Brings the parameters of the rotary embedding to the form of transformers 5, {@code rope_parameters}.
 *
 * <p>Older files have {@code rope_theta}, {@code rope_scaling} and, for Gemma, {@code rope_local_base_freq} instead.
 */
final class RopeDefaults {

    private static final String PARAMETERS = "rope_parameters";
    private static final String SCALING = "rope_scaling";
    private static final String FULL = "full_attention";
    private static final String SLIDING = "sliding_attention";
    private static final String THETA = "rope_theta";
    private static final String TYPE = "rope_type";
    private static final double LOCAL_THETA = 10_000;

    /** The types that need the context length of the first training. */
    private static final List<String> SCALED = List.of("llama3", "yarn", "longrope");

    private RopeDefaults() {}

    /**
     * Adds or completes {@code rope_parameters}.
     *
     * @param theta the base frequency that the model type has by default
     * @param nested true if layers with and without a window have parameters of their own
     */
    static void complete(Map<String, @Nullable Object> values, double theta, boolean nested) {
        Map<String, @Nullable Object> parameters = new LinkedHashMap<>();
        object(values, PARAMETERS).ifPresent(parameters::putAll);
        Optional<Map<String, @Nullable Object>> scaling =
                object(values, SCALING).filter(map -> !map.isEmpty());
        values.remove(SCALING);
        if (nested) {
            completeNested(values, parameters, scaling, theta);
        } else {
            scaling.ifPresent(map -> {
                parameters.clear();
                parameters.putAll(map);
            });
            completeFlat(values, parameters, values.getOrDefault(THETA, theta));
        }
        values.put(PARAMETERS, parameters);
    }

    private static void completeNested(
            Map<String, @Nullable Object> values,
            Map<String, @Nullable Object> parameters,
            Optional<Map<String, @Nullable Object>> scaling,
            double theta) {
        Map<String, @Nullable Object> full = child(parameters, FULL);
        Map<String, @Nullable Object> sliding = child(parameters, SLIDING);
        scaling.ifPresent(full::putAll);
        completeFlat(values, full, values.getOrDefault(THETA, theta));
        completeFlat(values, sliding, values.getOrDefault("rope_local_base_freq", LOCAL_THETA));
        parameters.put(SLIDING, sliding);
        parameters.put(FULL, full);
    }

    private static Map<String, @Nullable Object> child(Map<String, @Nullable Object> parameters, String key) {
        return new LinkedHashMap<>(object(parameters, key).orElse(Map.of()));
    }

    private static void completeFlat(
            Map<String, @Nullable Object> values, Map<String, @Nullable Object> parameters, @Nullable Object theta) {
        parameters.putIfAbsent(THETA, theta);
        Object type = parameters.getOrDefault("type", "default");
        parameters.putIfAbsent(TYPE, type);
        if (SCALED.contains(String.valueOf(parameters.get(TYPE)))) {
            if (values.containsKey("original_max_position_embeddings")) {
                parameters.put("original_max_position_embeddings", values.get("original_max_position_embeddings"));
            }
            parameters.putIfAbsent("original_max_position_embeddings", values.get("max_position_embeddings"));
        }
    }

    private static Optional<Map<String, @Nullable Object>> object(Map<String, @Nullable Object> values, String key) {
        return ModelConfig.object(values.get(key));
    }
}
