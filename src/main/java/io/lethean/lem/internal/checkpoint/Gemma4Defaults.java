package io.lethean.lem.internal.checkpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What transformers adds to a Gemma 4 configuration: which layers have a window, and the size of a head and the number of
 * KV heads in those without one.
 */
final class Gemma4Defaults {

    private static final String LAYER_TYPES = "layer_types";
    private static final String FULL = "full_attention";
    private static final String GLOBAL_HEAD = "global_head_dim";
    private static final String GLOBAL_KV_HEADS = "num_global_key_value_heads";

    /** More than any model has; for a configuration that claims more no list of layers is made. */
    private static final long MAX_LAYERS = 10_000;

    /** Every sixth layer has no window. */
    private static final int PATTERN = 6;

    private Gemma4Defaults() {}

    static void complete(Map<String, @Nullable Object> values) {
        values.putIfAbsent("sliding_window", 512L);
        values.putIfAbsent("hidden_size_per_layer_input", 256L);
        values.putIfAbsent("num_kv_shared_layers", 0L);
        values.putIfAbsent("rope_parameters", rope());
        if ("all".equals(values.get("use_bidirectional_attention"))) {
            values.put("is_causal", false);
        }
        List<@Nullable Object> types = layerTypes(values);
        values.put(LAYER_TYPES, types);
        completeGlobal(values, types);
    }

    private static Map<String, Object> rope() {
        return Map.of(
                "sliding_attention",
                Map.of("rope_type", "default", "rope_theta", 10_000.0),
                FULL,
                Map.of("rope_type", "proportional", "partial_rotary_factor", 0.25, "rope_theta", 1_000_000.0));
    }

    private static List<@Nullable Object> layerTypes(Map<String, @Nullable Object> values) {
        List<@Nullable Object> types = new ArrayList<>();
        if (values.get(LAYER_TYPES) instanceof List<?> given) {
            types.addAll(given);
        } else if (values.get("num_hidden_layers") instanceof Long layers && layers <= MAX_LAYERS) {
            for (int layer = 1; layer <= layers; layer++) {
                types.add(layer % PATTERN == 0 ? FULL : "sliding_attention");
            }
        }
        if (!types.isEmpty()) {
            types.set(types.size() - 1, FULL);
        }
        return types;
    }

    /** Values of single layers come before those for all layers without a window. */
    private static void completeGlobal(Map<String, @Nullable Object> values, List<@Nullable Object> types) {
        Object perLayer = values.get("per_layer_config");
        if (!(perLayer instanceof Map<?, ?> layers)) {
            values.putIfAbsent(GLOBAL_HEAD, 512L);
            if (!Boolean.TRUE.equals(values.get("attention_k_eq_v"))) {
                values.remove(GLOBAL_KV_HEADS);
            }
            return;
        }
        values.remove(GLOBAL_HEAD);
        values.remove(GLOBAL_KV_HEADS);
        layers.forEach((key, value) -> {
            int layer = Integer.parseInt(String.valueOf(key));
            if (layer < types.size() && FULL.equals(types.get(layer)) && value instanceof Map<?, ?> own) {
                putIfThere(values, GLOBAL_HEAD, own.get("head_dim"));
                putIfThere(values, GLOBAL_KV_HEADS, own.get("num_key_value_heads"));
            }
        });
    }

    private static void putIfThere(Map<String, @Nullable Object> values, String key, @Nullable Object value) {
        if (value != null) {
            values.putIfAbsent(key, value);
        }
    }
}
