package io.lethean.lem.convert;

/** What happens to a tensor's rows between reading and writing them. */
@FunctionalInterface
interface RowChange {

    /** Rows are written as they were read. */
    RowChange NONE = (values, firstRow, rows, columns) -> {};

    /**
     * Changes rows in place; called by several threads for different rows.
     *
     * @param values {@code rows * columns} numbers, row after row
     */
    void apply(float[] values, long firstRow, int rows, int columns);
}
