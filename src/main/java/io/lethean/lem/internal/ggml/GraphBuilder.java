package io.lethean.lem.internal.ggml;

import io.lethean.lem.DeviceUnavailableException;
import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.gguf.GgmlType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Adds operations to a graph. Each method checks what ggml would end the process over, and that the backend has a
 * kernel.
 *
 * <p>Shapes are written fastest-varying first: {@code [n, T]} is T rows of n numbers. Operands of arithmetic are f32
 * unless a method says otherwise.
 */
public final class GraphBuilder {

    private static final float ATTENTION_FACTOR = 1;

    private final Backend backend;
    private final TensorContext context;
    private final MemorySegment nodes;
    private final String name;
    private final Derivatives derivatives;
    private final Derivatives.Choice choice;
    private final FusedOperations fused;
    private final ExpertOperations experts;
    private @Nullable Graph graph;

    GraphBuilder(Backend backend, Derivatives.Choice choice, String name, int capacity) {
        this.backend = backend;
        this.name = name;
        derivatives = new Derivatives(this, choice);
        // Every node is a tensor of this context or a parameter, and has at most five operands.
        long size = 5L * capacity;
        context = new TensorContext(capacity, LlamaCpp.ggml_graph_overhead_custom(size, false));
        this.choice = choice;
        fused = new FusedOperations(this, context);
        experts = new ExpertOperations(this, context);
        nodes = context.own(LlamaCpp.ggml_new_graph_custom(context.handle(), size, false));
    }

    /** Makes a tensor, and all that it depends on, a result of the graph; in the order of the calls. */
    public Tensor compute(Tensor result) {
        LlamaCpp.ggml_build_forward_expand(nodes, result.handle());
        return result;
    }

    /** The graph at the first call; nothing can be added afterwards. */
    public Graph graph() {
        if (graph == null) {
            graph = new Graph(name, nodes, LlamaCpp.ggml_graph_n_nodes(nodes));
        }
        return graph;
    }

    /** The operations of a backward pass in this graph. */
    public Derivatives derivatives() {
        return derivatives;
    }

    void close() {
        context.close();
    }

    /**
     * {@code [n, m] x [n, T] -> [m, T]}: each row of the one with each row of the other.
     *
     * @param rows of any type with its rows in order, or f32 with any strides
     * @param x f32 with any strides; may have more matrices, each of {@code rows} serving as many as follow each other
     */
    public Tensor multiplyMatrices(Tensor rows, Tensor x) {
        checkProduct("multiply matrices", rows, rows.shape().n0(), x);
        if (backend.hasProducts()) {
            reserve();
            return node(Products.sum(context, List.of(Product.of(rows, x)), null));
        }
        Tensor first = inOrder(rows);
        Tensor second = inOrder(x);
        return node(LlamaCpp.ggml_mul_mat(add(), first.handle(), second.handle()));
    }

    /**
     * {@code [m, n] x [n, T] -> [m, T]}: as {@link #multiplyMatrices} with the transpose of the first.
     *
     * @param columns f32, or any other type where {@link #hasProducts} is true; as {@code rows} there
     */
    public Tensor multiplyTransposed(Tensor columns, Tensor x) {
        checkProduct("multiply by the transpose", columns, columns.shape().n1(), x);
        if (backend.hasProducts()) {
            reserve();
            return node(Products.sum(context, List.of(Product.ofTransposed(columns, x)), null));
        }
        checkFloat("multiply by the transpose", columns);
        return derivatives.outerProduct(columns, transpose(x));
    }

    /**
     * The sum of matrix products, and of a tensor in the shape of their results.
     *
     * @param products at least one; as for {@link #multiplyMatrices} and {@link #multiplyTransposed}
     * @param addend contiguous f32; null for nothing
     */
    public Tensor sumOfProducts(List<Product> products, @Nullable Tensor addend) {
        Tensor sum = addend;
        if (!backend.hasProducts()) {
            for (Product each : products) {
                Tensor product = each.transposed()
                        ? multiplyTransposed(each.matrix(), each.x())
                        : multiplyMatrices(each.matrix(), each.x());
                sum = sum == null ? product : add(sum, product);
            }
            return Objects.requireNonNull(sum);
        }
        Shape shape = products.getFirst().resultShape();
        for (Product each : products) {
            checkProduct("sum products", each.matrix(), each.terms(), each.x());
            check(each.resultShape().equals(shape), "sum products", each.matrix(), each.x());
        }
        if (addend != null) {
            checkElementwise("sum products", addend);
            check(
                    addend.shape().equals(shape),
                    "sum products",
                    addend,
                    products.getFirst().x());
        }
        for (int from = 0; from < products.size(); from += Products.MOST) {
            List<Product> some = products.subList(from, Math.min(products.size(), from + Products.MOST));
            reserve();
            sum = node(Products.sum(context, some, sum));
        }
        return Objects.requireNonNull(sum);
    }

    private void checkProduct(String operation, Tensor matrix, long terms, Tensor x) {
        check(
                terms == x.shape().n0()
                        && x.shape().n2() % matrix.shape().n2() == 0
                        && x.shape().n3() % matrix.shape().n3() == 0
                        && (matrix.type() == GgmlType.F32 || matrix.hasContiguousRows())
                        && x.type() == GgmlType.F32,
                operation,
                matrix,
                x);
    }

    private Tensor inOrder(Tensor a) {
        return a.hasContiguousRows() ? a : contiguous(a);
    }

    /** True if products take a matrix of any type in both transpositions, at the same speed. */
    public boolean hasProducts() {
        return backend.hasProducts();
    }

    /** Operations in one pass; empty where the backend does not have them or every derivative is to be composed. */
    public Optional<FusedOperations> fused() {
        return backend.hasFused(choice) ? Optional.of(fused) : Optional.empty();
    }

    /** Operations of mixtures of experts. */
    public ExpertOperations experts() {
        return experts;
    }

    /** The sum of two tensors, the second repeated to the shape of the first. */
    public Tensor add(Tensor a, Tensor b) {
        checkArithmetic("add", a, b);
        return node(LlamaCpp.ggml_add(add(), a.handle(), b.handle()));
    }

    /** Adds {@code b} into the memory of {@code a}. */
    public Tensor addInPlace(Tensor a, Tensor b) {
        checkArithmetic("add in place", a, b);
        return node(LlamaCpp.ggml_add_inplace(add(), a.handle(), b.handle()));
    }

    /** The difference of two tensors, the second repeated to the shape of the first. */
    public Tensor subtract(Tensor a, Tensor b) {
        checkArithmetic("subtract", a, b);
        return node(LlamaCpp.ggml_sub(add(), a.handle(), b.handle()));
    }

    /** The product number by number, the second repeated to the shape of the first. */
    public Tensor multiply(Tensor a, Tensor b) {
        checkArithmetic("multiply", a, b);
        return node(LlamaCpp.ggml_mul(add(), a.handle(), b.handle()));
    }

    /** The quotient number by number, the second repeated to the shape of the first. */
    public Tensor divide(Tensor a, Tensor b) {
        checkArithmetic("divide", a, b);
        return node(LlamaCpp.ggml_div(add(), a.handle(), b.handle()));
    }

    /** {@code factor * a}. */
    public Tensor scale(Tensor a, float factor) {
        checkElementwise("scale", a);
        return node(LlamaCpp.ggml_scale(add(), a.handle(), factor));
    }

    /** {@code factor * a + offset}. */
    public Tensor scale(Tensor a, float factor, float offset) {
        checkElementwise("scale", a);
        return node(LlamaCpp.ggml_scale_bias(add(), a.handle(), factor, offset));
    }

    public Tensor square(Tensor a) {
        checkElementwise("square", a);
        return node(LlamaCpp.ggml_sqr(add(), a.handle()));
    }

    public Tensor squareRoot(Tensor a) {
        checkElementwise("square root", a);
        return node(LlamaCpp.ggml_sqrt(add(), a.handle()));
    }

    /** {@code 1 / (1 + exp(-a))}. */
    public Tensor sigmoid(Tensor a) {
        checkElementwise("sigmoid", a);
        return node(LlamaCpp.ggml_sigmoid(add(), a.handle()));
    }

    /** {@code a * sigmoid(a)}. */
    public Tensor silu(Tensor a) {
        checkElementwise("silu", a);
        return node(LlamaCpp.ggml_silu(add(), a.handle()));
    }

    /** {@code silu(gate) * up} in one pass. */
    public Tensor swiGlu(Tensor gate, Tensor up) {
        checkSameShape("swiglu", gate, up);
        return node(LlamaCpp.ggml_swiglu_split(add(), gate.handle(), up.handle()));
    }

    /** {@code gelu(gate) * up} in one pass; gelu is read from a table of half precision on the CPU. */
    public Tensor geGlu(Tensor gate, Tensor up) {
        checkSameShape("geglu", gate, up);
        return node(LlamaCpp.ggml_geglu_split(add(), gate.handle(), up.handle()));
    }

    /** {@code min(gate, limit) * sigmoid(alpha * min(gate, limit)) * (clamp(up, -limit, limit) + 1)} in one pass. */
    public Tensor clampedGate(Tensor gate, Tensor up, float alpha, float limit) {
        checkSameShape("clamped gate", gate, up);
        return node(LlamaCpp.ggml_swiglu_oai(add(), gate.handle(), up.handle(), alpha, limit));
    }

    /** The nearest number from {@code least} to {@code most}. */
    public Tensor clamp(Tensor a, float least, float most) {
        checkElementwise("clamp", a);
        return node(LlamaCpp.ggml_clamp(add(), a.handle(), least, most));
    }

    /** 1 where a number is positive, 0 elsewhere. */
    public Tensor step(Tensor a) {
        checkElementwise("step", a);
        return node(LlamaCpp.ggml_step(add(), a.handle()));
    }

    /** Sums each row: {@code [n, T] -> [1, T]}. */
    public Tensor sumRows(Tensor a) {
        checkFloat("sum rows", a);
        return node(LlamaCpp.ggml_sum_rows(add(), a.handle()));
    }

    /** Each row divided by its root mean square. */
    public Tensor rmsNorm(Tensor a, float epsilon) {
        checkFloat("rms norm", a);
        return node(LlamaCpp.ggml_rms_norm(add(), a.handle(), epsilon));
    }

    /** The softmax of each row. */
    public Tensor softMax(Tensor a) {
        checkElementwise("softmax", a);
        return node(LlamaCpp.ggml_soft_max(add(), a.handle()));
    }

    /**
     * The softmax of each row of {@code scale * a + mask}.
     *
     * @param a {@code [keys, queries, heads, sequences]}
     * @param mask {@code [keys, queries]} or with as many stacks as {@code a}; 0 where a key is seen, minus infinity
     *     elsewhere
     */
    public Tensor softMax(Tensor a, Tensor mask, float scale) {
        return softMax(a, mask, scale, null);
    }

    /**
     * As {@link #softMax(Tensor, Tensor, float)} with one more score in each row, which is not part of the result.
     *
     * @param sinks the score of each head, {@code [heads]}; null without sinks
     */
    public Tensor softMax(Tensor a, Tensor mask, float scale, @Nullable Tensor sinks) {
        check(
                a.isContiguous()
                        && a.type() == GgmlType.F32
                        && mask.isContiguous()
                        && (mask.type() == GgmlType.F32 || mask.type() == GgmlType.F16)
                        && mask.shape().n0() == a.shape().n0()
                        && mask.shape().n1() == a.shape().n1()
                        && a.shape().n2() % mask.shape().n2() == 0
                        && a.shape().n3() % mask.shape().n3() == 0,
                "masked softmax",
                a,
                mask);
        Tensor result = node(LlamaCpp.ggml_soft_max_ext(add(), a.handle(), mask.handle(), scale, 0));
        if (sinks != null) {
            checkElementwise("softmax with sinks", sinks);
            check(sinks.shape().equals(Shape.of(a.shape().n2())), "softmax with sinks", a, sinks);
            LlamaCpp.ggml_soft_max_add_sinks(result.handle(), sinks.handle());
        }
        return result;
    }

    /**
     * Rotates heads by their positions.
     *
     * @param a {@code [head size, heads, tokens]}
     * @param positions one i32 per token
     * @param factors frequencies are divided by these; null without factors
     */
    public Tensor rope(Tensor a, Tensor positions, @Nullable Tensor factors, Rope rope) {
        return rotated(LlamaCpp::ggml_rope_ext, a, positions, factors, rope);
    }

    /** The rotation back, which is also the gradient of the rotation. */
    public Tensor ropeBack(Tensor a, Tensor positions, @Nullable Tensor factors, Rope rope) {
        return rotated(LlamaCpp::ggml_rope_ext_back, a, positions, factors, rope);
    }

    /** The parameters of ggml's two rotations, by their names there. */
    @FunctionalInterface
    private interface RopeCall {
        MemorySegment apply(
                MemorySegment ctx,
                MemorySegment a,
                MemorySegment b,
                MemorySegment c,
                int dims,
                int mode,
                int originalContext,
                float base,
                float scale,
                float extFactor,
                float attentionFactor,
                float betaFast,
                float betaSlow);
    }

    private Tensor rotated(RopeCall call, Tensor a, Tensor positions, @Nullable Tensor factors, Rope rope) {
        checkRope(a, positions, factors, rope);
        return node(call.apply(
                add(),
                a.handle(),
                positions.handle(),
                handleOf(factors),
                rope.dimensions(),
                mode(rope),
                rope.yarn().originalContext(),
                rope.base(),
                rope.scale(),
                rope.yarn().extrapolation(),
                ATTENTION_FACTOR,
                rope.yarn().betaFast(),
                rope.yarn().betaSlow()));
    }

    /** The rows that {@code indices} names, as f32: {@code [n, m], [k] -> [n, k]}. The table may be of any type. */
    public Tensor rows(Tensor table, Tensor indices) {
        check(
                indices.type() == GgmlType.I32
                        && table.shape().n2() == indices.shape().n1()
                        && table.shape().n3() == indices.shape().n2()
                        && indices.shape().n3() == 1,
                "rows",
                table,
                indices);
        return node(LlamaCpp.ggml_get_rows(add(), table.handle(), indices.handle()));
    }

    /**
     * Writes rows into the memory of {@code table}: row i of {@code rows} becomes row {@code indices[i]}.
     *
     * <p>Threads write at once, so an index may come twice only if nobody reads that row.
     */
    public Tensor setRows(Tensor table, Tensor rows, Tensor indices) {
        check(
                table.shape().n0() == rows.shape().n0()
                        && table.shape().n2() == 1
                        && table.shape().n3() == 1
                        && rows.shape().n2() == 1
                        && rows.shape().n3() == 1
                        && rows.shape().n1() == indices.shape().n0()
                        && indices.type() == GgmlType.I32
                        && rows.type() == GgmlType.F32
                        && table.hasContiguousRows()
                        && rows.hasContiguousRows(),
                "set rows",
                table,
                rows);
        return node(LlamaCpp.ggml_set_rows(add(), table.handle(), rows.handle(), indices.handle()));
    }

    /** The elements of a tensor under another shape. */
    public Tensor reshape(Tensor a, Shape shape) {
        check(a.isContiguous() && a.shape().elements() == shape.elements(), "reshape", a);
        return node(LlamaCpp.ggml_reshape_4d(add(), a.handle(), shape.n0(), shape.n1(), shape.n2(), shape.n3()));
    }

    /** The first rows of a matrix. */
    public Tensor firstRows(Tensor a, long rows) {
        check(
                rows >= 1
                        && rows <= a.shape().n1()
                        && a.shape().n2() == 1
                        && a.shape().n3() == 1,
                "first rows",
                a);
        return node(LlamaCpp.ggml_view_2d(add(), a.handle(), a.shape().n0(), rows, a.stride(1), 0));
    }

    /** A stretch of a tensor along one axis, in the tensor's own memory. */
    public Tensor slice(Tensor a, int axis, long from, long count) {
        check(from >= 0 && count >= 1 && from <= a.shape().extent(axis) - count, "slice", a);
        Shape part = a.shape().withExtent(axis, count);
        return node(LlamaCpp.ggml_view_4d(
                add(),
                a.handle(),
                part.n0(),
                part.n1(),
                part.n2(),
                part.n3(),
                a.stride(1),
                a.stride(2),
                a.stride(3),
                from * a.stride(axis)));
    }

    /** Swaps the axes 1 and 2. */
    public Tensor swapMiddle(Tensor a) {
        return node(LlamaCpp.ggml_permute(add(), a.handle(), 0, 2, 1, 3));
    }

    /** Swaps the axes 0 and 1. */
    public Tensor transpose(Tensor a) {
        return node(LlamaCpp.ggml_transpose(add(), a.handle()));
    }

    /** A copy with its elements in the order of the shape. */
    public Tensor contiguous(Tensor a) {
        checkFloat("copy", a);
        return node(LlamaCpp.ggml_cont(add(), a.handle()));
    }

    /**
     * One step of AdamW (Loshchilov and Hutter 2019) in the memory of {@code parameter}, {@code m} and {@code v}.
     *
     * @param settings learning rate, beta1, beta2, epsilon, weight decay, 1/(1 - beta1^t), 1/(1 - beta2^t)
     */
    public Tensor adamW(Tensor parameter, Tensor gradient, Tensor m, Tensor v, Tensor settings) {
        checkSameShape("adamw", parameter, gradient);
        checkSameShape("adamw", parameter, m);
        checkSameShape("adamw", parameter, v);
        check(settings.type() == GgmlType.F32 && settings.shape().elements() == 7, "adamw", settings);
        return node(LlamaCpp.ggml_opt_step_adamw(
                add(), parameter.handle(), gradient.handle(), m.handle(), v.handle(), settings.handle()));
    }

    /**
     * One step of stochastic gradient descent in the memory of {@code parameter}.
     *
     * @param settings learning rate, weight decay
     */
    public Tensor gradientDescent(Tensor parameter, Tensor gradient, Tensor settings) {
        checkSameShape("sgd", parameter, gradient);
        check(settings.type() == GgmlType.F32 && settings.shape().elements() == 2, "sgd", settings);
        return node(LlamaCpp.ggml_opt_step_sgd(add(), parameter.handle(), gradient.handle(), settings.handle()));
    }

    /** A copy with its elements in order, under another shape. */
    public Tensor contiguous(Tensor a, Shape shape) {
        check(a.type() == GgmlType.F32 && a.shape().elements() == shape.elements(), "copy", a);
        return node(LlamaCpp.ggml_cont_4d(add(), a.handle(), shape.n0(), shape.n1(), shape.n2(), shape.n3()));
    }

    /** Marks a tensor that an optimizer may change. */
    public static void markTrainable(Tensor tensor) {
        LlamaCpp.ggml_set_param(tensor.handle());
    }

    /** True if the backend has this operation; for choosing between two ways. */
    boolean supports(MemorySegment candidate) {
        return backend.supports(context.wrap(candidate));
    }

    /** The native context, with room for one more tensor accounted for. */
    MemorySegment add() {
        reserve();
        return context.handle();
    }

    private void reserve() {
        context.reserve();
    }

    /** Wraps a new node that the backend can compute. */
    Tensor node(MemorySegment pointer) {
        Tensor node = context.wrap(pointer);
        if (!backend.supports(node)) {
            throw new DeviceUnavailableException("The device " + backend.name() + " does not implement the operation "
                    + LlamaCpp.ggml_op_desc(pointer).getString(0) + " that makes " + node + " in the graph " + name
                    + "; use another device, or an adapter on other layers.");
        }
        return node;
    }

    void check(boolean fits, String operation, Tensor... operands) {
        if (!fits) {
            StringBuilder list = new StringBuilder();
            for (Tensor operand : operands) {
                list.append(list.isEmpty() ? "" : " and ").append(operand);
            }
            throw new IllegalArgumentException(
                    "The operation '" + operation + "' does not fit " + list + " in the graph " + name + ".");
        }
    }

    void checkFloat(String operation, Tensor a) {
        check(a.type() == GgmlType.F32, operation, a);
    }

    void checkElementwise(String operation, Tensor a) {
        check(a.type() == GgmlType.F32 && a.isContiguous(), operation, a);
    }

    void checkSameShape(String operation, Tensor a, Tensor b) {
        check(
                a.type() == GgmlType.F32
                        && b.type() == GgmlType.F32
                        && a.shape().equals(b.shape())
                        && a.isContiguous()
                        && b.isContiguous(),
                operation,
                a,
                b);
    }

    private void checkArithmetic(String operation, Tensor a, Tensor b) {
        check(
                a.type() == GgmlType.F32
                        && b.type() == GgmlType.F32
                        && a.shape().isTiledBy(b.shape())
                        && a.hasContiguousRows()
                        && b.hasContiguousRows(),
                operation,
                a,
                b);
    }

    private void checkRope(Tensor a, Tensor positions, @Nullable Tensor factors, Rope rope) {
        check(
                a.type() == GgmlType.F32
                        && a.hasContiguousRows()
                        && positions.type() == GgmlType.I32
                        && positions.shape().equals(Shape.of(a.shape().n2()))
                        && rope.dimensions() <= a.shape().n0(),
                "rope",
                a,
                positions);
        if (factors != null) {
            check(factors.type() == GgmlType.F32 && factors.shape().n0() >= rope.dimensions() / 2, "rope", a, factors);
        }
    }

    private static int mode(Rope rope) {
        return switch (rope.pairing()) {
            case ADJACENT -> LlamaCpp.GGML_ROPE_TYPE_NORMAL();
            case HALVES -> LlamaCpp.GGML_ROPE_TYPE_NEOX();
        };
    }

    private static MemorySegment handleOf(@Nullable Tensor tensor) {
        return tensor == null ? MemorySegment.NULL : tensor.handle();
    }
}
