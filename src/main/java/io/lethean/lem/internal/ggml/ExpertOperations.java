package io.lethean.lem.internal.ggml;

import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.ffi.lem_product_work;
import io.lethean.lem.internal.gguf.GgmlType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Operations of mixtures of experts: choosing experts, and products of rows with the matrices of those that each token
 * chose.
 *
 * <p>Choices are i32 {@code [used, N]}, as {@link #largest} makes them. Rows are {@code [n, used, N]}, one per choice, or
 * {@code [n, 1, N]}, one per token for all its choices. On the CPU a product is one operation that sorts the rows by
 * expert; elsewhere it is made of ggml's operations, with the expanded transposes of the matrices where it needs them.
 */
public final class ExpertOperations {

    private final GraphBuilder g;
    private final TensorContext context;

    ExpertOperations(GraphBuilder builder, TensorContext context) {
        g = builder;
        this.context = context;
    }

    /** The places of the largest values of each row, the largest first: {@code [n, N] -> [count, N]}, a view. */
    public Tensor largest(Tensor a, int count) {
        g.checkElementwise("largest of rows", a);
        g.check(count >= 1 && count <= a.shape().n0(), "largest of rows", a);
        Tensor sorted = g.node(LlamaCpp.ggml_argsort(g.add(), a.handle(), LlamaCpp.GGML_SORT_ORDER_DESC()));
        return g.slice(sorted, 0, 0, count);
    }

    /** The values at the chosen places of each row: {@code [n, N], [used, N] -> [used, N]}. */
    public Tensor pick(Tensor a, Tensor choices) {
        g.checkElementwise("pick", a);
        g.check(isChoice(choices, a.shape().n1()), "pick", a, choices);
        Tensor table = g.reshape(a, Shape.of(1, a.shape().n0(), a.shape().n1()));
        return g.reshape(g.rows(table, choices), choices.shape());
    }

    /** The gradient of {@link #pick}: numbers at the chosen places of rows of {@code width}, zeros elsewhere. */
    public Tensor spread(Tensor values, Tensor choices, Tensor like) {
        g.checkElementwise("spread", values);
        long tokens = like.shape().n1();
        g.check(isChoice(choices, tokens) && values.shape().equals(choices.shape()), "spread", values, choices, like);
        Tensor zeros = g.reshape(g.scale(like, 0, 0), Shape.of(1, like.shape().n0(), tokens));
        Tensor rows = g.reshape(values, Shape.of(1, choices.shape().n0(), tokens));
        Tensor set = g.node(LlamaCpp.ggml_set_rows(g.add(), zeros.handle(), rows.handle(), choices.handle()));
        return g.reshape(set, like.shape());
    }

    /**
     * Each row multiplied by the matrix of its expert, {@code [m, used, N]}.
     *
     * @param matrices {@code [n, m, experts]}, or transposed {@code [m, n, experts]}, of any type
     * @param everyRow the numbers of all rows of all matrices; needed where {@link GraphBuilder#hasProducts} is false, for a
     *     transposed product with matrices that are not f32; else null
     * @param addend in the shape of the result; null for nothing
     */
    public Tensor multiply(
            Tensor matrices,
            boolean transposed,
            @Nullable Tensor everyRow,
            Tensor x,
            Tensor choices,
            @Nullable Tensor addend) {
        checkProduct(matrices, transposed, x, choices);
        Shape shape = Shape.of(
                width(matrices, transposed),
                choices.shape().n0(),
                choices.shape().n1());
        if (g.hasProducts()) {
            return product(shape, matrices, transposed, x, choices, addend);
        }
        Tensor product = ggmlProduct(matrices, transposed, everyRow, x, choices);
        return addend == null ? product : g.add(product, addend);
    }

    /** As {@link #multiply}, summed over the choices of each token: {@code [m, N]}. */
    public Tensor multiplyAndSum(
            Tensor matrices,
            boolean transposed,
            @Nullable Tensor everyRow,
            Tensor x,
            Tensor choices,
            @Nullable Tensor addend) {
        checkProduct(matrices, transposed, x, choices);
        Shape shape = Shape.of(width(matrices, transposed), choices.shape().n1());
        if (g.hasProducts()) {
            return product(shape, matrices, transposed, x, choices, addend);
        }
        Tensor each = ggmlProduct(matrices, transposed, everyRow, x, choices);
        Tensor sum = addend;
        for (long i = 0; i < choices.shape().n0(); i++) {
            Tensor one = g.contiguous(g.slice(each, 1, i, 1), shape);
            sum = sum == null ? one : g.add(sum, one);
        }
        return Objects.requireNonNull(sum);
    }

    private static long width(Tensor matrices, boolean transposed) {
        return matrices.shape().extent(transposed ? 0 : 1);
    }

    private Tensor product(
            Shape shape, Tensor matrices, boolean transposed, Tensor x, Tensor choices, @Nullable Tensor addend) {
        List<Tensor> operands = new ArrayList<>(List.of(matrices, x, choices));
        if (addend != null) {
            g.checkElementwise("multiply by experts", addend);
            g.check(addend.shape().equals(shape), "multiply by experts", addend);
            operands.add(addend);
        }
        MemorySegment work = context.allocate(lem_product_work.layout());
        lem_product_work.columns(work, transposed ? 1 : 0);
        g.add();
        return g.node(CustomOperation.node(context, "product of experts", shape, operands, Functions.PRODUCT, work));
    }

    private Tensor ggmlProduct(
            Tensor matrices, boolean transposed, @Nullable Tensor everyRow, Tensor x, Tensor choices) {
        Tensor rows = transposed ? turned(matrices, everyRow) : matrices;
        return g.node(LlamaCpp.ggml_mul_mat_id(g.add(), rows.handle(), x.handle(), choices.handle()));
    }

    private Tensor turned(Tensor matrices, @Nullable Tensor everyRow) {
        Shape shape = matrices.shape();
        Tensor floats = matrices;
        if (matrices.type() != GgmlType.F32) {
            g.check(everyRow != null && everyRow.shape().n0() == shape.rows(), "turn experts", matrices);
            Tensor flat = g.reshape(matrices, Shape.of(shape.n0(), shape.rows()));
            floats = g.reshape(g.rows(flat, Objects.requireNonNull(everyRow)), shape);
        }
        return g.contiguous(g.transpose(floats));
    }

    /**
     * For each expert the sum over its rows of every product of a number of the one with one of the other:
     * {@code [n, 1 or used, N], [r, 1 or used, N] -> [n, r, experts]}.
     */
    public Tensor outerProduct(Tensor a, Tensor b, Tensor choices, long experts) {
        g.check(isRows(a, choices) && isRows(b, choices), "outer product of experts", a, b, choices);
        Shape shape = Shape.of(a.shape().n0(), b.shape().n0(), experts);
        if (g.hasProducts()) {
            MemorySegment work = context.allocate(lem_product_work.layout());
            g.add();
            return g.node(CustomOperation.node(
                    context, "outer product of experts", shape, List.of(a, b, choices), Functions.OUTER_PRODUCT, work));
        }
        Tensor sum = null;
        for (long i = 0; i < choices.shape().n0(); i++) {
            Tensor one = outerProductOfChoice(a, b, choices, i, shape);
            sum = sum == null ? one : g.add(sum, one);
        }
        return Objects.requireNonNull(sum);
    }

    /** As one product, with each row of b copied to the place of its expert. */
    private Tensor outerProductOfChoice(Tensor a, Tensor b, Tensor choices, long choice, Shape shape) {
        long tokens = choices.shape().n1();
        Tensor own = rowsOfChoice(a, choice);
        Tensor other = rowsOfChoice(b, choice);
        Tensor one = g.scale(g.contiguous(g.slice(other, 0, 0, 1), Shape.of(1, tokens)), 0, 1);
        Tensor like = g.node(LlamaCpp.ggml_repeat_4d(g.add(), one.handle(), shape.n2(), tokens, 1, 1));
        Tensor chosen = spread(one, g.slice(choices, 0, choice, 1), like);
        Tensor copies = g.node(LlamaCpp.ggml_repeat_4d(
                g.add(),
                g.reshape(other, Shape.of(shape.n1(), 1, tokens)).handle(),
                shape.n1(),
                shape.n2(),
                tokens,
                1));
        Tensor placed = g.multiply(copies, g.reshape(chosen, Shape.of(1, shape.n2(), tokens)));
        Tensor flat = g.reshape(placed, Shape.of(shape.n1() * shape.n2(), tokens));
        return g.reshape(g.derivatives().outerProduct(own, flat), shape);
    }

    private Tensor rowsOfChoice(Tensor rows, long choice) {
        Shape shape = Shape.of(rows.shape().n0(), rows.shape().n2());
        return rows.shape().n1() == 1 ? g.reshape(rows, shape) : g.contiguous(g.slice(rows, 1, choice, 1), shape);
    }

    /** To each row the vector of its expert: {@code [n, used, N] + [n, experts]}. */
    public Tensor addVectors(Tensor rows, Tensor vectors, Tensor choices) {
        g.check(
                isRows(rows, choices)
                        && rows.shape().n1() == choices.shape().n0()
                        && vectors.type() == GgmlType.F32
                        && vectors.isContiguous()
                        && vectors.shape().n0() == rows.shape().n0(),
                "add vectors of experts",
                rows,
                vectors,
                choices);
        return g.node(LlamaCpp.ggml_add_id(g.add(), rows.handle(), vectors.handle(), choices.handle()));
    }

    private void checkProduct(Tensor matrices, boolean transposed, Tensor x, Tensor choices) {
        g.check(
                isRows(x, choices)
                        && matrices.isContiguous()
                        && matrices.shape().n3() == 1
                        && matrices.shape().extent(transposed ? 1 : 0)
                                == x.shape().n0(),
                "multiply by experts",
                matrices,
                x,
                choices);
    }

    private static boolean isChoice(Tensor choices, long tokens) {
        return choices.type() == GgmlType.I32
                && choices.shape().n1() == tokens
                && choices.shape().n2() == 1;
    }

    private static boolean isRows(Tensor rows, Tensor choices) {
        return rows.type() == GgmlType.F32
                && rows.isContiguous()
                && isChoice(choices, rows.shape().n2())
                && (rows.shape().n1() == 1
                        || rows.shape().n1() == choices.shape().n0());
    }

    /** Found at first use, after the libraries were loaded. */
    private static final class Functions {
        static final MemorySegment PRODUCT = LlamaCpp.lem_expert_product$address();
        static final MemorySegment OUTER_PRODUCT = LlamaCpp.lem_expert_outer_product$address();
    }
}
