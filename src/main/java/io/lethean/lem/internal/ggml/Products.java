package io.lethean.lem.internal.ggml;

import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.ffi.lem_product_work;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Matrix products by the shim's own kernels, as nodes of a graph on the CPU.
 *
 * <p>They run on the threads of the graph. A number of the result is summed in the same order whatever the other rows and
 * the number of threads are.
 */
final class Products {

    /** How many products one node can sum. */
    static final int MOST = 4;

    /** What nodes are called. */
    static final String NAME = "product";

    private Products() {}

    /** The sum of products and of a tensor in the shape of the result. */
    static MemorySegment sum(TensorContext context, List<Product> products, @Nullable Tensor addend) {
        MemorySegment work = context.allocate(lem_product_work.layout());
        List<Tensor> operands = new ArrayList<>();
        long columns = 0;
        for (int i = 0; i < products.size(); i++) {
            columns |= products.get(i).transposed() ? 1L << i : 0;
            operands.add(products.get(i).matrix());
            operands.add(products.get(i).x());
        }
        if (addend != null) {
            operands.add(addend);
        }
        lem_product_work.columns(work, columns);
        return CustomOperation.node(
                context, NAME, products.getFirst().resultShape(), operands, Functions.PRODUCT, work);
    }

    /** Found at first use, after the libraries were loaded. */
    private static final class Functions {
        static final MemorySegment PRODUCT = LlamaCpp.lem_product$address();
    }
}
