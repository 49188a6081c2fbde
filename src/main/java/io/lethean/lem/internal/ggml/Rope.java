package io.lethean.lem.internal.ggml;

import io.lethean.lem.internal.gguf.Architecture;

/**
 * How positions are turned into rotations (rotary position embedding, RoFormer, Su et al. 2021).
 *
 * @param pairing which two elements of a head rotate together
 * @param dimensions elements of a head that rotate, even
 * @param base the base of the geometric series of frequencies
 * @param scale positions are multiplied by it; 1 / factor for linear scaling
 */
public record Rope(Architecture.Pairing pairing, int dimensions, float base, float scale) {

    public Rope {
        if (dimensions < 2 || dimensions % 2 != 0 || !(base > 0) || !(scale > 0)) {
            throw new IllegalArgumentException("A rotation needs an even number of dimensions and a positive base and"
                    + " scale: " + dimensions + ", " + base + ", " + scale + ".");
        }
    }
}
