package io.lethean.lem.convert;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.convert.ModuleTable.Place;
import io.lethean.lem.internal.checkpoint.ModelConfig;
import io.lethean.lem.internal.checkpoint.ModelFolder;
import io.lethean.lem.internal.checkpoint.SourceTensor;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What the layers of a Gemma 4 have.
 *
 * @param sliding for each layer whether it has a window
 * @param heads query heads
 * @param head size of a head in layers with a window
 * @param globalHead size of a head in layers without one
 * @param keyHeads KV heads in layers with a window
 * @param globalKeyHeads KV heads in layers without one
 * @param shared how many of the last layers use keys and values of earlier ones
 */
record Gemma4Layers(
        List<Boolean> sliding,
        long heads,
        long head,
        long globalHead,
        long keyHeads,
        long globalKeyHeads,
        long shared) {

    static Gemma4Layers of(ModelConfig config) {
        long keyHeads = config.required("num_key_value_heads");
        List<Boolean> sliding = config.list("layer_types").stream()
                .map(type -> "sliding_attention".equals(type))
                .toList();
        long layers = config.required("num_hidden_layers");
        if (sliding.size() != layers) {
            throw new InvalidModelException(
                    "config-value",
                    "The file " + config.file() + " gives layer_types for " + sliding.size() + " layers and"
                            + " num_hidden_layers as " + layers + "; take config.json from the original model.");
        }
        return new Gemma4Layers(
                sliding,
                Dimensions.positive(config, "num_attention_heads"),
                config.required("head_dim"),
                Dimensions.headSize(config, "global_head_dim").orElseGet(() -> config.required("global_head_dim")),
                keyHeads,
                config.count("num_global_key_value_heads").orElse(keyHeads),
                config.count("num_kv_shared_layers").orElse(0));
    }

    private boolean isSliding(int layer) {
        return sliding.get(layer);
    }

    /** KV heads of all layers. */
    List<Long> keyHeadsOfLayers() {
        return sliding.stream()
                .map(window -> window ? keyHeads : globalKeyHeads)
                .toList();
    }

    /** @throws InvalidModelException if a layer that computes keys of its own has no matrix for them */
    void requireKeys(ModelFolder folder, List<SourceTensor> tensors) {
        Set<String> names = new HashSet<>();
        tensors.forEach(tensor -> names.add(tensor.name()));
        for (int layer = 0; layer < sliding.size() - shared; layer++) {
            String name = "model.layers." + layer + ".self_attn.k_proj.weight";
            if (!names.contains(name)) {
                throw new InvalidModelException(
                        "checkpoint-missing",
                        "The folder " + folder.path() + " has no tensor " + name
                                + ", which this layer of a Gemma 4 needs; the download is incomplete or config.json is"
                                + " of another model.");
            }
        }
    }

    /** @throws InvalidModelException if the heads of an attention matrix are not those of its layer */
    void check(SourceTensor tensor, Place place) {
        if (place.layer().isEmpty()) {
            return;
        }
        int layer = place.layer().getAsInt();
        long size = isSliding(layer) ? head : globalHead;
        long expected = switch (place.module().target()) {
            case "attn_q" -> heads * size;
            case "attn_k", "attn_v" -> (isSliding(layer) ? keyHeads : globalKeyHeads) * size;
            case "attn_q_norm", "attn_k_norm" -> size;
            default -> tensor.shape().getFirst();
        };
        if (tensor.shape().getFirst() != expected) {
            throw tensor.refuse(
                    "checkpoint-shape",
                    "has the shape " + tensor.shapeText() + ", and by config.json it must have " + expected
                            + " rows; tensors and configuration are of different models");
        }
    }
}
