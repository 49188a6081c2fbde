package io.lethean.lem.adapter;

import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The update of one tensor: {@code scale * B * A} is added to its rows, and with a magnitude (DoRA, Liu et al. 2024)
 * each row of the sum is then scaled to the length that the magnitude has for it. A tensor with a matrix for each expert of a
 * mixture has as many pairs of factors; those of all experts follow each other in A and B.
 *
 * @param tensor the tensor's GGUF name, such as {@code blk.0.attn_q.weight}
 * @param a rank x inputs, for each expert; the inputs are the tensor's first dimension in GGUF, the one that runs fastest
 * @param b outputs x rank, for each expert, the rows in the order of the GGUF tensor
 * @param magnitude outputs x 1, the rows in the order of the GGUF tensor; null for plain LoRA
 * @param experts matrices of the tensor; 1 unless it is one of experts, which have no magnitudes
 */
public record LoraPair(
        String tensor, Factor a, Factor b, @Nullable Factor magnitude, int experts) {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public LoraPair {
        if (experts < 1 || b.rows() % experts != 0 || experts > 1 && magnitude != null) {
            throw new IllegalArgumentException("The update of " + tensor + " has " + b.rows() + " rows of B"
                    + (magnitude == null ? "" : " and a magnitude") + ", which does not fit " + experts + " experts.");
        }
        if (a.rows() != (long) experts * b.columns()) {
            throw new IllegalArgumentException("The update of " + tensor + " needs one rank, and A has " + a.rows()
                    + " rows where B has " + b.columns() + " columns"
                    + (experts == 1 ? "." : " and there are " + experts + " experts."));
        }
        if (magnitude != null && (magnitude.rows() != b.rows() || magnitude.columns() != 1)) {
            throw new IllegalArgumentException("The magnitude of " + tensor + " needs one value for each of the "
                    + b.rows() + " outputs, and has " + magnitude.rows() + " x " + magnitude.columns() + ".");
        }
    }

    /**
     * An update of one matrix.
     *
     * @param tensor the tensor's GGUF name, such as {@code blk.0.attn_q.weight}
     * @param a rank x inputs
     * @param b outputs x rank
     * @param magnitude outputs x 1; null for plain LoRA
     */
    public LoraPair(String tensor, Factor a, Factor b, @Nullable Factor magnitude) {
        this(tensor, a, b, magnitude, 1);
    }

    /**
     * An update of one matrix by plain LoRA.
     *
     * @param tensor the tensor's GGUF name, such as {@code blk.0.attn_q.weight}
     * @param a rank x inputs
     * @param b outputs x rank
     */
    public LoraPair(String tensor, Factor a, Factor b) {
        this(tensor, a, b, null);
    }

    /** {@return whether the update is one of DoRA} */
    public boolean hasMagnitude() {
        return magnitude != null;
    }

    /** This update with other factors, and the same magnitude. */
    LoraPair with(Factor otherA, Factor otherB) {
        return new LoraPair(tensor, otherA, otherB, magnitude, experts);
    }

    /** This update with its outputs in another order: output {@code i} of the result is this output {@code from(i)}. */
    LoraPair withOutputs(IntUnaryOperator from) {
        return new LoraPair(tensor, a, b.withRows(from), magnitude == null ? null : magnitude.withRows(from), experts);
    }

    /** {@return the rank of the update of each matrix} */
    public int rank() {
        return b.columns();
    }

    /** {@return the inputs of one matrix: the columns of A} */
    public int inputs() {
        return a.columns();
    }

    /** {@return the outputs of one matrix: the rows of B, and of the weights} */
    public int outputs() {
        return b.rows() / experts;
    }
}
