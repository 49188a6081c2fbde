package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.Tensor;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/** The activations of one layer that its backward pass reads. */
final class Activations {

    private final Map<Slot, Tensor> tensors = new EnumMap<>(Slot.class);

    /** Keeps an activation and returns it, so that a computation can go on with it. */
    Tensor keep(Slot slot, Tensor tensor) {
        tensors.put(slot, tensor);
        return tensor;
    }

    Tensor get(Slot slot) {
        Tensor tensor = tensors.get(slot);
        if (tensor == null) {
            throw new IllegalStateException("The forward pass kept no activation " + slot + ".");
        }
        return tensor;
    }

    Map<Slot, Tensor> all() {
        return Collections.unmodifiableMap(tensors);
    }
}
