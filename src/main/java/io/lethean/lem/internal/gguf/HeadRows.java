package io.lethean.lem.internal.gguf;

/**
 * The order of a head's rows in query and key projections of architectures that rotate neighbours.
 *
 * <p>Hugging Face pairs row {@code i} of a head with row {@code i + half}, where half is half the head's rows; GGUF puts
 * the two rows of a pair next to each other.
 */
public final class HeadRows {

    private HeadRows() {}

    /** Where the row of a GGUF tensor is in the Hugging Face tensor. */
    public static long toSplit(long row, long headRows) {
        long inHead = row % headRows;
        return row - inHead + inHead / 2 + inHead % 2 * (headRows / 2);
    }

    /** Where the row of a Hugging Face tensor is in the GGUF tensor. */
    public static long toPaired(long row, long headRows) {
        long inHead = row % headRows;
        long half = headRows / 2;
        return row - inHead + 2 * (inHead % half) + inHead / half;
    }
}
