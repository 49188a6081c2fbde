package io.lethean.lem.internal.ggml;

/**
 * How positions are turned into rotations (rotary position embedding, RoFormer, Su et al. 2021).
 *
 * @param pairing which two numbers of a head rotate together
 * @param dimensions numbers of a head that rotate, even
 * @param base the base of the geometric series of frequencies
 * @param scale positions are multiplied by it; 1 / factor for linear scaling
 */
public record Rope(Pairing pairing, int dimensions, float base, float scale) {

    /** Which two numbers rotate together. */
    public enum Pairing {
        /** Neighbours: 0 with 1, 2 with 3. */
        ADJACENT,
        /** One half with the other: 0 with n/2, 1 with n/2 + 1. */
        HALVES
    }

    public Rope {
        if (dimensions < 2 || dimensions % 2 != 0 || !(base > 0) || !(scale > 0)) {
            throw new IllegalArgumentException("A rotation needs an even number of dimensions and a positive base and"
                    + " scale: " + dimensions + ", " + base + ", " + scale + ".");
        }
    }
}
