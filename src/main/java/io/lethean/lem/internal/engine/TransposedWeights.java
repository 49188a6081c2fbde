package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.Backend;
import io.lethean.lem.internal.ggml.Buffer;
import io.lethean.lem.internal.ggml.Shape;
import io.lethean.lem.internal.ggml.Tensor;
import io.lethean.lem.internal.ggml.TensorContext;
import io.lethean.lem.internal.ggml.Transposer;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufTensor;
import io.lethean.lem.train.options.TransposedType;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Owns what the backward pass needs of the frozen matrices: their transposes, or, if transposes are not stored, the
 * lists of row numbers with which they are expanded.
 */
final class TransposedWeights implements AutoCloseable {

    private record Planned(GgufTensor source, Tensor transposed) {}

    private final TransposedType type;
    private final BaseWeights base;
    private final TensorContext context;
    private final List<Planned> planned = new ArrayList<>();
    private final List<Tensor> rowLists = new ArrayList<>();
    private @Nullable Buffer buffer;

    TransposedWeights(TransposedType type, BaseWeights base) {
        this.type = type;
        this.base = base;
        context = new TensorContext(2 * base.file().tensors().size());
    }

    /** Plans the way back through a matrix; call before {@link #build}. */
    WeightMatrix plan(String name) {
        Tensor matrix = base.get(name);
        Optional<GgmlType> stored = storedType(type);
        if (stored.isPresent()) {
            return WeightMatrix.frozen(matrix, planTranspose(name, matrix, stored.get()), null);
        }
        return WeightMatrix.frozen(
                matrix,
                null,
                matrix.type() == GgmlType.F32 ? null : everyRow(matrix.shape().n1()));
    }

    /** A matrix that no gradient passes. */
    WeightMatrix forwardOnly(String name) {
        return WeightMatrix.frozen(base.get(name), null, null);
    }

    private Tensor planTranspose(String name, Tensor matrix, GgmlType stored) {
        Tensor transposed = context.tensor(
                "transpose of " + name,
                fitting(stored, matrix.shape().n1()),
                Shape.of(matrix.shape().n1(), matrix.shape().n0()));
        planned.add(new Planned(base.file().tensor(name).orElseThrow(), transposed));
        return transposed;
    }

    /** The type for rows of this length; rows must be a multiple of the block to be quantized. */
    static GgmlType fitting(GgmlType wanted, long length) {
        return length % wanted.blockSize() == 0 ? wanted : GgmlType.F16;
    }

    private Tensor everyRow(long rows) {
        return rowLists.stream()
                .filter(list -> list.shape().n0() == rows)
                .findFirst()
                .orElseGet(() -> {
                    Tensor list = context.tensor("every row of " + rows, GgmlType.I32, Shape.of(rows));
                    rowLists.add(list);
                    return list;
                });
    }

    /** Computes everything that was planned. */
    void build(Backend backend) {
        if (planned.isEmpty() && rowLists.isEmpty()) {
            return;
        }
        buffer = backend.allocate(context, "the transposed weights");
        for (Tensor list : rowLists) {
            list.set(IntStream.range(0, (int) list.shape().n0()).toArray());
        }
        for (Planned plan : planned) {
            transpose(plan);
        }
    }

    private void transpose(Planned plan) {
        Tensor to = plan.transposed();
        Transposer transposer = new Transposer(
                plan.source().type(),
                to.type(),
                plan.source().dim(0),
                plan.source().dim(1));
        try (Arena arena = Arena.ofConfined()) {
            var turned = arena.allocate(transposer.bytes(), 64);
            transposer.transpose(base.data(plan.source()), turned);
            to.setBytes(turned);
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

    /** The type in memory; empty if transposes are not stored. */
    static Optional<GgmlType> storedType(TransposedType type) {
        return switch (type) {
            case F32 -> Optional.of(GgmlType.F32);
            case F16 -> Optional.of(GgmlType.F16);
            case Q8_0 -> Optional.of(GgmlType.Q8_0);
            case NONE -> Optional.empty();
        };
    }
}
