package io.lethean.lem.adapter;

/**
 * The update of one tensor: {@code scale * B * A} is added to its rows.
 *
 * @param tensor the tensor's GGUF name, such as {@code blk.0.attn_q.weight}
 * @param a rank x inputs; the inputs are the tensor's first dimension in GGUF, the one that runs fastest
 * @param b outputs x rank, the rows in the order of the GGUF tensor
 */
public record LoraPair(String tensor, Factor a, Factor b) {

    public LoraPair {
        if (a.rows() != b.columns()) {
            throw new IllegalArgumentException("The update of " + tensor + " needs one rank, and A has " + a.rows()
                    + " rows where B has " + b.columns() + " columns.");
        }
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
