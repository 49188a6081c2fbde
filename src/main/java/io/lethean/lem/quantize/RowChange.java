package io.lethean.lem.quantize;

/** What happens to a tensor's rows between reading and writing them. */
@FunctionalInterface
interface RowChange {

    /** Rows are written as they were read. */
    RowChange NONE = (row, index, columns) -> {};

    /**
     * Changes a row in place; called by several threads for different rows.
     *
     * @param row at least {@code columns} numbers
     * @param index the row's number in its tensor
     */
    void apply(float[] row, long index, int columns);
}
