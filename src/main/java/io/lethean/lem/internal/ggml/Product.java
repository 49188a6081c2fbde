package io.lethean.lem.internal.ggml;

/**
 * One matrix product of a sum.
 *
 * @param matrix {@code [k, m]}, or {@code [m, k]} if it is transposed
 * @param transposed whether the product is with the transpose of the matrix
 * @param x {@code [k, T]}
 */
public record Product(Tensor matrix, boolean transposed, Tensor x) {

    /** {@code [k, m] x [k, T] -> [m, T]}. */
    public static Product of(Tensor matrix, Tensor x) {
        return new Product(matrix, false, x);
    }

    /** {@code [m, k] x [k, T] -> [m, T]}. */
    public static Product ofTransposed(Tensor matrix, Tensor x) {
        return new Product(matrix, true, x);
    }

    long terms() {
        return matrix.shape().extent(transposed ? 1 : 0);
    }

    Shape resultShape() {
        long width = matrix.shape().extent(transposed ? 0 : 1);
        return new Shape(width, x.shape().n1(), x.shape().n2(), x.shape().n3());
    }
}
