package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.Backend;
import io.lethean.lem.internal.ggml.Buffer;
import io.lethean.lem.internal.ggml.Shape;
import io.lethean.lem.internal.ggml.Tensor;
import io.lethean.lem.internal.ggml.TensorContext;
import io.lethean.lem.internal.gguf.GgmlType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Owns the lists of row numbers with which a device without products of our own expands frozen matrices for the backward
 * pass: reading rows is the one way to expand a matrix that every backend has for every type.
 */
final class RowLists implements AutoCloseable {

    private final boolean needed;
    private final TensorContext context;
    private final List<Tensor> lists = new ArrayList<>();
    private @Nullable Buffer buffer;

    /** @param matrices the most there can be */
    RowLists(Backend backend, int matrices) {
        needed = !backend.hasProducts();
        context = new TensorContext(matrices);
    }

    /** The list for a matrix; null if it is not needed. Call before {@link #build}. */
    @Nullable
    Tensor plan(Tensor matrix) {
        if (!needed || matrix.type() == GgmlType.F32) {
            return null;
        }
        long rows = matrix.shape().rows();
        return lists.stream()
                .filter(list -> list.shape().n0() == rows)
                .findFirst()
                .orElseGet(() -> {
                    Tensor list = context.tensor("every row of " + rows, GgmlType.I32, Shape.of(rows));
                    lists.add(list);
                    return list;
                });
    }

    /** Writes the lists that were planned. */
    void build(Backend backend) {
        if (lists.isEmpty()) {
            return;
        }
        buffer = backend.allocate(context, "the lists of rows");
        for (Tensor list : lists) {
            list.set(IntStream.range(0, (int) list.shape().n0()).toArray());
        }
    }

    long bytes() {
        return buffer == null ? 0 : buffer.bytes();
    }

    @Override
    public void close() {
        if (buffer != null) {
            buffer.close();
        }
        context.close();
    }
}
