package io.lethean.lem.internal.ggml;

import io.lethean.lem.internal.gguf.Architecture;

/**
 * How positions are turned into rotations (rotary position embedding, RoFormer, Su et al. 2021).
 *
 * @param pairing which two elements of a head rotate together
 * @param dimensions elements of a head that rotate, even
 * @param base the base of the geometric series of frequencies
 * @param scale positions are multiplied by it; 1 / factor for linear scaling and for YaRN
 * @param yarn which frequencies are scaled, and how much
 */
public record Rope(Architecture.Pairing pairing, int dimensions, float base, float scale, Yarn yarn) {

    /**
     * Scaling by YaRN (Peng et al. 2023): frequencies that turn more often than {@code betaFast} times in the original context
     * stay as they are, those below {@code betaSlow} are scaled, those between partly. The result is multiplied by
     * 1 + 0.1 ln(1 / scale).
     *
     * @param extrapolation 1 for YaRN, 0 for scaling all frequencies alike
     * @param originalContext tokens that the model was first trained on
     * @param betaFast turns
     * @param betaSlow turns
     */
    public record Yarn(float extrapolation, int originalContext, float betaFast, float betaSlow) {

        /** All frequencies are scaled alike. */
        public static final Yarn OFF = new Yarn(0, 0, 32, 1);
    }

    /** A rotation without YaRN. */
    public Rope(Architecture.Pairing pairing, int dimensions, float base, float scale) {
        this(pairing, dimensions, base, scale, Yarn.OFF);
    }

    public Rope {
        if (dimensions < 2 || dimensions % 2 != 0 || !(base > 0) || !(scale > 0)) {
            throw new IllegalArgumentException("A rotation needs an even number of dimensions and a positive base and"
                    + " scale: " + dimensions + ", " + base + ", " + scale + ".");
        }
    }
}
