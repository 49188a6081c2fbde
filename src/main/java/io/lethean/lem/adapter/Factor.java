package io.lethean.lem.adapter;

import io.lethean.lem.internal.safetensors.ElementType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/**
 * One factor of a low-rank update: a matrix with values in memory, or still in the file they come from.
 *
 * <p>Any thread may read it.
 */
public final class Factor {

    private final int rows;
    private final int columns;
    private final boolean half;
    private final Values source;

    /** Where the values come from. */
    @FunctionalInterface
    interface Values {

        /** Puts all values, row after row, into an array from an index on. */
        void read(float[] into, int at) throws IOException;
    }

    private Factor(int rows, int columns, boolean half, Values source) {
        if (rows < 1 || columns < 1 || (long) rows * columns > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("A factor of " + rows + " rows and " + columns
                    + " columns was asked for, and both must be at least 1 and their product below 2^31.");
        }
        this.rows = rows;
        this.columns = columns;
        this.half = half;
        this.source = source;
    }

    /**
     * {@return a factor in memory}
     *
     * @param rows the number of rows
     * @param columns the number of columns
     * @param values row after row; kept, not copied, so they may not change while the factor is used
     */
    public static Factor of(int rows, int columns, float[] values) {
        if (values.length != (long) rows * columns) {
            throw new IllegalArgumentException("A factor of " + rows + " x " + columns + " has " + (long) rows * columns
                    + " values, and " + values.length + " were given.");
        }
        return new Factor(rows, columns, false, (into, at) -> System.arraycopy(values, 0, into, at, values.length));
    }

    /** A factor that reads its values from the file at each access. */
    static Factor reading(int rows, int columns, boolean half, Values source) {
        return new Factor(rows, columns, half, source);
    }

    /** {@return the number of rows} */
    public int rows() {
        return rows;
    }

    /** {@return the number of columns} */
    public int columns() {
        return columns;
    }

    /** {@return whether the values come from 16-bit floats and are written as such, which loses nothing} */
    public boolean isHalf() {
        return half;
    }

    ElementType elementType() {
        return half ? ElementType.F16 : ElementType.F32;
    }

    /**
     * {@return a copy of the values, row after row}
     *
     * @throws UncheckedIOException when they are in a file that cannot be read
     */
    public float[] values() {
        float[] values = new float[rows * columns];
        copyTo(values, 0);
        return values;
    }

    /**
     * Puts the values, row after row, into an array from an index on.
     *
     * @param into the array that receives the values
     * @param at the index of the first value in the array
     * @throws UncheckedIOException when they are in a file that cannot be read
     */
    public void copyTo(float[] into, int at) {
        try {
            source.read(into, at);
        } catch (IOException e) {
            throw new UncheckedIOException("The values of an adapter's tensor cannot be read: " + e.getMessage(), e);
        }
    }

    /** Rows and columns exchanged. */
    Factor transposed() {
        return new Factor(columns, rows, half, (into, at) -> {
            float[] from = values();
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < columns; column++) {
                    into[at + column * rows + row] = from[row * columns + column];
                }
            }
        });
    }

    /** Reorders the rows: row {@code i} of the result is this factor's row {@code from(i)}. */
    Factor withRows(IntUnaryOperator from) {
        return new Factor(rows, columns, half, (into, at) -> {
            float[] old = values();
            for (int row = 0; row < rows; row++) {
                System.arraycopy(old, from.applyAsInt(row) * columns, into, at + row * columns, columns);
            }
        });
    }

    /**
     * A matrix of other values of this factor.
     *
     * @param from the index in this factor, row after row, of each value of the result; negative for a zero
     */
    Factor picked(int toRows, int toColumns, IntUnaryOperator from) {
        return new Factor(toRows, toColumns, half, (into, at) -> {
            float[] old = values();
            for (int i = 0; i < toRows * toColumns; i++) {
                int index = from.applyAsInt(i);
                into[at + i] = index < 0 ? 0 : old[index];
            }
        });
    }

    /** Pads with zeros: these values are the upper left corner of a larger matrix. */
    Factor padded(int toRows, int toColumns) {
        return new Factor(toRows, toColumns, half, (into, at) -> {
            float[] from = values();
            Arrays.fill(into, at, at + toRows * toColumns, 0);
            for (int row = 0; row < rows; row++) {
                System.arraycopy(from, row * columns, into, at + row * toColumns, columns);
            }
        });
    }

    /** This factor with its values converted to 32-bit floats in memory. */
    Factor widened() {
        return new Factor(rows, columns, false, source);
    }

    /** Every value multiplied, and kept as 32-bit floats from then on because the products need not fit 16 bits. */
    Factor times(float number) {
        return new Factor(rows, columns, false, (into, at) -> {
            copyTo(into, at);
            for (int i = at; i < at + rows * columns; i++) {
                into[i] *= number;
            }
        });
    }
}
