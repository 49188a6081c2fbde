package io.lethean.lem.convert;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * How transformers calls a kind of model, and which biases its class can have.
 *
 * @param className the class in {@code architectures}
 * @param modelType the value of {@code model_type}
 * @param biases groups of modules that have biases together
 */
record CheckpointForm(String className, String modelType, List<Biases> biases) {

    /** Modules of one part of a layer. */
    enum Biases {
        ATTENTION("attention_bias", "attn_q", "attn_k", "attn_v", "attn_output"),
        FEED_FORWARD("mlp_bias", "ffn_gate", "ffn_up", "ffn_down"),
        /** Always there in Qwen 2, without a key that says so. */
        QUERY_KEY_VALUE("", "attn_q", "attn_k", "attn_v");

        private final String key;
        private final List<String> modules;

        Biases(String key, String... modules) {
            this.key = key;
            this.modules = List.of(modules);
        }

        /** The key in config.json that says whether they are there; empty if they always are. */
        String key() {
            return key;
        }

        /** The modules by their names in GGUF. */
        List<String> modules() {
            return modules;
        }
    }

    CheckpointForm {
        biases = List.copyOf(biases);
    }

    CheckpointForm(String className, String modelType, Biases... biases) {
        this(className, modelType, List.of(biases));
    }

    /** The groups that a model with biases on these modules has. */
    List<Biases> present(Set<String> modules) {
        return biases.stream()
                .filter(group -> modules.containsAll(group.modules()))
                .toList();
    }

    /** The modules with a bias that no whole group explains, and those without one that must have it. */
    Set<String> unexplained(Set<String> modules) {
        Set<String> left = new TreeSet<>(modules);
        present(modules).forEach(group -> left.removeAll(group.modules()));
        for (Biases group : biases) {
            if (group.key().isEmpty() && !modules.containsAll(group.modules())) {
                left.addAll(group.modules());
                left.removeAll(modules);
            }
        }
        return left;
    }
}
