package io.lethean.lem.internal.ggml;

import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.ffi.lem_product_work;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Matrix products by the shim's own kernels, as nodes of a graph on the CPU.
 *
 * <p>They run on the threads of the graph. A number of the result is summed in the same order whatever the other rows and
 * the number of threads are.
 */
final class Products {

    private Products() {}

    /** {@code [k, m] x [k, T] -> [m, T]}. */
    static MemorySegment rows(TensorContext context, Tensor rows, Tensor x) {
        return node(context, rows.shape().n1(), rows, x, Functions.ROWS);
    }

    /** {@code [m, k] x [k, T] -> [m, T]}. */
    static MemorySegment columns(TensorContext context, Tensor columns, Tensor x) {
        return node(context, columns.shape().n0(), columns, x, Functions.COLUMNS);
    }

    private static MemorySegment node(
            TensorContext context, long width, Tensor matrix, Tensor x, MemorySegment function) {
        MemorySegment work = context.allocate(lem_product_work.layout());
        try (Arena call = Arena.ofConfined()) {
            MemorySegment operands = call.allocate(ValueLayout.ADDRESS, 2);
            operands.setAtIndex(ValueLayout.ADDRESS, 0, matrix.handle());
            operands.setAtIndex(ValueLayout.ADDRESS, 1, x.handle());
            return LlamaCpp.ggml_custom_4d(
                    context.handle(),
                    LlamaCpp.GGML_TYPE_F32(),
                    width,
                    x.shape().n1(),
                    x.shape().n2(),
                    x.shape().n3(),
                    operands,
                    2,
                    function,
                    LlamaCpp.GGML_N_TASKS_MAX(),
                    work);
        }
    }

    /** Found at first use, after the libraries were loaded. */
    private static final class Functions {
        static final MemorySegment ROWS = LlamaCpp.lem_product_rows$address();
        static final MemorySegment COLUMNS = LlamaCpp.lem_product_columns$address();
    }
}
