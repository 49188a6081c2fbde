package io.lethean.lem.internal.ggml;

import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.gguf.GgmlType;
import java.lang.foreign.MemorySegment;

/**
 * The operations of a backward pass: the backend's own kernel where it has one, otherwise composed from elementary
 * operations that every backend has. {@code d} before a name means the gradient of the loss with respect to it.
 */
public final class Derivatives {

    /** Which of the two ways is taken. */
    public enum Choice {
        /** The backend's kernel where there is one. */
        NATIVE,
        /** Elementary operations always. */
        COMPOSED
    }

    private final GraphBuilder g;
    private final Choice choice;

    Derivatives(GraphBuilder builder, Choice choice) {
        g = builder;
        this.choice = choice;
    }

    /** {@code [n, T], [r, T] -> [n, r]}: the sum over T of every product of a number of one with one of the other. */
    public Tensor outerProduct(Tensor a, Tensor b) {
        g.check(
                a.shape().n1() == b.shape().n1()
                        && b.shape().n2() % a.shape().n2() == 0
                        && b.shape().n3() % a.shape().n3() == 0
                        && a.type() == GgmlType.F32
                        && b.type() == GgmlType.F32,
                "outer product",
                a,
                b);
        if (g.hasProducts()) {
            return g.multiplyTransposed(a, g.transpose(b));
        }
        if (choice == Choice.NATIVE && a.hasContiguousRows()) {
            MemorySegment product = LlamaCpp.ggml_out_prod(g.add(), a.handle(), b.handle());
            if (g.supports(product)) {
                return g.node(product);
            }
        }
        return g.multiplyMatrices(g.contiguous(g.transpose(a)), g.contiguous(g.transpose(b)));
    }

    /** The gradient of {@link GraphBuilder#rmsNorm} at {@code x}. */
    public Tensor rmsNorm(Tensor dy, Tensor x, float epsilon) {
        g.checkSameShape("gradient of rms norm", dy, x);
        if (choice == Choice.NATIVE) {
            MemorySegment back = LlamaCpp.ggml_rms_norm_back(g.add(), dy.handle(), x.handle(), epsilon);
            if (g.supports(back)) {
                return g.node(back);
            }
        }
        float each = 1f / x.shape().n0();
        Tensor meanSquare = g.scale(g.sumRows(g.square(x)), each, epsilon);
        Tensor meanProduct = g.scale(g.sumRows(g.multiply(x, dy)), each);
        Tensor along = g.multiply(x, g.divide(meanProduct, meanSquare));
        return g.divide(g.subtract(dy, along), g.squareRoot(meanSquare));
    }

    /**
     * The gradient of {@code softMax(scale * a + mask)}, written over {@code dp}.
     *
     * <p>In place over the gradient on purpose: left to itself the allocator may put the result over the probabilities,
     * which the CPU kernel still reads, and the gradient is silently wrong.
     *
     * @param dp the gradient of the probabilities, no longer usable afterwards
     * @param p the probabilities
     */
    public Tensor softMax(Tensor dp, Tensor p, float scale) {
        g.checkSameShape("gradient of softmax", dp, p);
        if (choice == Choice.NATIVE) {
            MemorySegment back = LlamaCpp.ggml_soft_max_ext_back_inplace(g.add(), dp.handle(), p.handle(), scale, 0);
            if (g.supports(back)) {
                return g.node(back);
            }
        }
        Tensor inner = g.sumRows(g.multiply(p, dp));
        return g.scale(g.multiply(p, g.subtract(dp, inner)), scale);
    }

    /**
     * The gradient of a vector that was repeated to every row: the sum of the rows' gradients.
     *
     * @param dRows {@code [n, ...]}
     * @param vector {@code [n]}, for its shape
     */
    public Tensor repeat(Tensor dRows, Tensor vector) {
        g.checkElementwise("gradient of repeating", dRows);
        g.check(vector.shape().equals(Shape.of(dRows.shape().n0())), "gradient of repeating", dRows, vector);
        if (choice == Choice.NATIVE) {
            MemorySegment back = LlamaCpp.ggml_repeat_back(g.add(), dRows.handle(), vector.handle());
            if (g.supports(back)) {
                return g.node(back);
            }
        }
        Tensor rows =
                g.reshape(dRows, Shape.of(dRows.shape().n0(), dRows.shape().rows()));
        return g.reshape(g.sumRows(g.contiguous(g.transpose(rows))), vector.shape());
    }

    /**
     * The gradient of the table of {@link GraphBuilder#rows}: to each of its rows, what all uses of it add. It has no
     * composed form.
     *
     * @param dRows {@code [n, k]}
     * @param indices which rows were read, {@code [k]}
     * @param table {@code [n, m]}, for its shape
     */
    public Tensor rows(Tensor dRows, Tensor indices, Tensor table) {
        g.checkElementwise("gradient of rows", dRows);
        g.check(
                dRows.shape()
                                .equals(Shape.of(
                                        table.shape().n0(), indices.shape().n0()))
                        && indices.type() == GgmlType.I32
                        && indices.shape().rows() == 1
                        && table.shape().n2() == 1
                        && table.shape().n3() == 1,
                "gradient of rows",
                dRows,
                indices,
                table);
        return g.node(LlamaCpp.ggml_get_rows_back(g.add(), dRows.handle(), indices.handle(), table.handle()));
    }

    /** The gradient of {@link GraphBuilder#silu} at {@code x}. */
    public Tensor silu(Tensor dy, Tensor x) {
        g.checkSameShape("gradient of silu", dy, x);
        if (choice == Choice.NATIVE) {
            MemorySegment back = LlamaCpp.ggml_silu_back(g.add(), dy.handle(), x.handle());
            if (g.supports(back)) {
                return g.node(back);
            }
        }
        Tensor sigmoid = g.sigmoid(x);
        Tensor slope = g.scale(g.multiply(x, g.scale(sigmoid, -1, 1)), 1, 1);
        return g.multiply(dy, g.multiply(sigmoid, slope));
    }
}
