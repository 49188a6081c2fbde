package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The trainable part of one projection {@code [n] -> [m]}, with its gradients.
 *
 * @param a {@code [n, r]}
 * @param b {@code [m, r]}, the transpose of how the file stores it: with the long side first, its products run more
 *     than ten times as fast on the CPU
 * @param gradientA same shape as {@code a}
 * @param gradientB same shape as {@code b}
 * @param scale factor of the product
 * @param magnitude null for plain LoRA
 */
record LowRank(
        Tensor a,
        Tensor b,
        Tensor gradientA,
        Tensor gradientB,
        float scale,
        @Nullable Magnitude magnitude) {}
