package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.Tensor;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/** The activations of one layer that its backward pass reads. */
final class Activations {

    private final Map<KeptActivation, Tensor> tensors = new EnumMap<>(KeptActivation.class);

    /** Keeps an activation and returns it, so that a computation can use it. */
    Tensor keep(KeptActivation slot, Tensor tensor) {
        tensors.put(slot, tensor);
        return tensor;
    }

    Tensor get(KeptActivation slot) {
        Tensor tensor = tensors.get(slot);
        if (tensor == null) {
            throw new IllegalStateException("The forward pass kept no activation " + slot + ".");
        }
        return tensor;
    }

    Map<KeptActivation, Tensor> all() {
        return Collections.unmodifiableMap(tensors);
    }
}
