package io.lethean.lem.convert;

import io.lethean.lem.internal.checkpoint.ModelConfig;
import java.util.ArrayList;
import java.util.List;

/** The hyperparameters of Gemma 4, in llama.cpp's order. */
final class Gemma4Values {

    private Gemma4Values() {}

    static void write(Hyperparameters out, ModelConfig config) {
        Gemma4Layers layers = Gemma4Layers.of(config);
        DecoderValues.write(out, config);
        double cap = config.real("final_logit_softcapping").orElse(0);
        if (cap != 0) {
            out.real("final_logit_softcapping", cap);
        }
        out.count("attention.sliding_window", config.required("sliding_window"));
        out.count("attention.shared_kv_layers", layers.shared());
        out.count(
                "embedding_length_per_layer_input",
                config.count("hidden_size_per_layer_input").orElse(0));
        out.flags("attention.sliding_window_pattern", layers.sliding());
        out.count("attention.key_length", layers.globalHead());
        out.count("attention.value_length", layers.globalHead());
        out.count("attention.key_length_swa", layers.head());
        out.count("attention.value_length_swa", layers.head());
        out.count("expert_feed_forward_length", config.count("expert_intermediate_size", "moe_intermediate_size"));
        if (config.isTrue("use_double_wide_mlp")) {
            out.counts("feed_forward_length", widths(config, layers));
        }
        if (config.count("num_global_key_value_heads").isPresent()) {
            out.counts("attention.head_count_kv", layers.keyHeadsOfLayers());
        }
        out.count("rope.dimension_count", layers.globalHead());
        out.count("rope.dimension_count_swa", layers.head());
    }

    /** Layers that share keys and values are twice as wide. */
    private static List<Long> widths(ModelConfig config, Gemma4Layers layers) {
        long width = config.required("intermediate_size");
        List<Long> widths = new ArrayList<>();
        for (int layer = 0; layer < layers.sliding().size(); layer++) {
            widths.add(layer < layers.sliding().size() - layers.shared() ? width : 2 * width);
        }
        return widths;
    }
}
