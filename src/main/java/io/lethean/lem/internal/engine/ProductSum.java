package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.GraphBuilder;
import io.lethean.lem.internal.ggml.Product;
import io.lethean.lem.internal.ggml.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Matrix products and tensors of one shape that are added up together. */
final class ProductSum {

    private final List<Product> products = new ArrayList<>();
    private @Nullable Tensor addend;

    void add(Product product) {
        products.add(product);
    }

    void add(GraphBuilder g, Tensor tensor) {
        addend = addend == null ? tensor : g.add(addend, tensor);
    }

    Tensor compute(GraphBuilder g) {
        return g.sumOfProducts(products, addend);
    }
}
