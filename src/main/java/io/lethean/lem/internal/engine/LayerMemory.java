package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What a layer has in common with other layers while a batch is computed.
 *
 * @param keys the keys and values that it makes for later layers, or takes from an earlier one; null for neither
 * @param inputs the inputs of all layers, {@code [n, N, layers]}; null if layers have no inputs of their own
 * @param inputGradients their gradients; null if they are frozen
 */
record LayerMemory(
        @Nullable SharedKeys keys,
        @Nullable Tensor inputs,
        @Nullable Tensor inputGradients) {}
