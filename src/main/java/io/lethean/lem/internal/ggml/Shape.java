package io.lethean.lem.internal.ggml;

/**
 * The extents of a tensor, the fastest-varying first, as ggml numbers them.
 *
 * @param n0 elements in a row
 * @param n1 rows in a matrix
 * @param n2 matrices in a stack
 * @param n3 stacks
 */
public record Shape(long n0, long n1, long n2, long n3) {

    public Shape {
        if (n0 < 1 || n1 < 1 || n2 < 1 || n3 < 1) {
            throw new IllegalArgumentException(
                    "Every extent of a tensor must be at least 1: " + n0 + ", " + n1 + ", " + n2 + ", " + n3 + ".");
        }
        Math.multiplyExact(Math.multiplyExact(n0, n1), Math.multiplyExact(n2, n3));
    }

    /** A vector. */
    public static Shape of(long n0) {
        return new Shape(n0, 1, 1, 1);
    }

    /** A matrix of {@code n1} rows. */
    public static Shape of(long n0, long n1) {
        return new Shape(n0, n1, 1, 1);
    }

    /** A stack of matrices. */
    public static Shape of(long n0, long n1, long n2) {
        return new Shape(n0, n1, n2, 1);
    }

    /** The extent along an axis from 0 to 3. */
    public long extent(int axis) {
        return switch (axis) {
            case 0 -> n0;
            case 1 -> n1;
            case 2 -> n2;
            case 3 -> n3;
            default -> throw new IndexOutOfBoundsException("A tensor has the axes 0 to 3, and not " + axis + ".");
        };
    }

    /** This shape with another extent along an axis. */
    public Shape withExtent(int axis, long extent) {
        return new Shape(
                axis == 0 ? extent : n0, axis == 1 ? extent : n1, axis == 2 ? extent : n2, axis == 3 ? extent : n3);
    }

    /** The number of elements. */
    public long elements() {
        return n0 * n1 * n2 * n3;
    }

    /** How many rows there are. */
    public long rows() {
        return n1 * n2 * n3;
    }

    /** True if copies of {@code part} tile this shape. */
    public boolean isTiledBy(Shape part) {
        return n0 % part.n0 == 0 && n1 % part.n1 == 0 && n2 % part.n2 == 0 && n3 % part.n3 == 0;
    }

    @Override
    public String toString() {
        String inner = n0 + ", " + n1;
        if (n3 > 1) {
            return "[" + inner + ", " + n2 + ", " + n3 + "]";
        }
        return n2 > 1 ? "[" + inner + ", " + n2 + "]" : "[" + inner + "]";
    }
}
