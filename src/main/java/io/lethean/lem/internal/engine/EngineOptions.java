package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.Derivatives;

/**
 * How the engine computes; what it computes does not depend on these beyond rounding.
 *
 * @param threads of the CPU backend
 * @param recomputedLayers that many layers, from the bottom, keep only their input and compute their activations
 *     again in the backward pass: a little slower, much less memory
 * @param lossScale the gradients of the logits are multiplied by it, and the optimizer divides it out; some devices
 *     round gradients to half precision in products, in which small ones would vanish
 * @param tabledGelu true to read GELU from a table of half precision in the forward pass, as llama.cpp's CPU backend
 *     does
 * @param derivatives how operations of the backward pass are made
 * @param attentionRows number of queries for which scores are computed at once; see {@link QueryBlock}
 */
public record EngineOptions(
        int threads,
        int recomputedLayers,
        float lossScale,
        boolean tabledGelu,
        Derivatives.Choice derivatives,
        int attentionRows) {

    public EngineOptions {
        if (recomputedLayers < 0 || !(lossScale > 0) || attentionRows < 1) {
            throw new IllegalArgumentException(
                    "The number of recomputed layers must not be negative, and the loss scale"
                            + " and the rows of attention must be positive: " + recomputedLayers + ", " + lossScale
                            + ", "
                            + attentionRows + ".");
        }
    }

    public static EngineOptions defaults() {
        return new EngineOptions(1, 0, 4096, false, Derivatives.Choice.NATIVE, 128);
    }

    public EngineOptions withThreads(int count) {
        return new EngineOptions(count, recomputedLayers, lossScale, tabledGelu, derivatives, attentionRows);
    }

    public EngineOptions withRecomputedLayers(int layers) {
        return new EngineOptions(threads, layers, lossScale, tabledGelu, derivatives, attentionRows);
    }

    public EngineOptions withLossScale(float scale) {
        return new EngineOptions(threads, recomputedLayers, scale, tabledGelu, derivatives, attentionRows);
    }

    public EngineOptions withTabledGelu(boolean tabled) {
        return new EngineOptions(threads, recomputedLayers, lossScale, tabled, derivatives, attentionRows);
    }

    public EngineOptions withDerivatives(Derivatives.Choice choice) {
        return new EngineOptions(threads, recomputedLayers, lossScale, tabledGelu, choice, attentionRows);
    }

    public EngineOptions withAttentionRows(int rows) {
        return new EngineOptions(threads, recomputedLayers, lossScale, tabledGelu, derivatives, rows);
    }
}
