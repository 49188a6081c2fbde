package io.lethean.lem.adapter;

import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The update of one tensor: {@code scale * B * A} is added to its rows, and with a magnitude (DoRA, Liu et al. 2024)
 * each row of the sum is then scaled to the length that the magnitude has for it.
 *
 * @param tensor the tensor's GGUF name, such as {@code blk.0.attn_q.weight}
 * @param a rank x inputs; the inputs are the tensor's first dimension in GGUF, the one that runs fastest
 * @param b outputs x rank, the rows in the order of the GGUF tensor
 * @param magnitude outputs x 1, the rows in the order of the GGUF tensor; null for plain LoRA
 */
public record LoraPair(
        String tensor, Factor a, Factor b, @Nullable Factor magnitude) {

    public LoraPair {
        if (a.rows() != b.columns()) {
            throw new IllegalArgumentException("The update of " + tensor + " needs one rank, and A has " + a.rows()
                    + " rows where B has " + b.columns() + " columns.");
        }
        if (magnitude != null && (magnitude.rows() != b.rows() || magnitude.columns() != 1)) {
            throw new IllegalArgumentException("The magnitude of " + tensor + " needs one value for each of the "
                    + b.rows() + " outputs, and has " + magnitude.rows() + " x " + magnitude.columns() + ".");
        }
    }

    /** An update of plain LoRA. */
    public LoraPair(String tensor, Factor a, Factor b) {
        this(tensor, a, b, null);
    }

    /** Whether the update is one of DoRA. */
    public boolean hasMagnitude() {
        return magnitude != null;
    }

    /** This update with other factors, and the same magnitude. */
    LoraPair with(Factor otherA, Factor otherB) {
        return new LoraPair(tensor, otherA, otherB, magnitude);
    }

    /** This update with its outputs in another order: output {@code i} of the result is this output {@code from(i)}. */
    LoraPair withOutputs(IntUnaryOperator from) {
        return new LoraPair(tensor, a, b.withRows(from), magnitude == null ? null : magnitude.withRows(from));
    }

    public int rank() {
        return a.rows();
    }

    public int inputs() {
        return a.columns();
    }

    public int outputs() {
        return b.rows();
    }
}
