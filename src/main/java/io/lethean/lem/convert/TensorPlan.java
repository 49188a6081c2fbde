package io.lethean.lem.convert;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.checkpoint.Rows;
import io.lethean.lem.internal.checkpoint.SourceTensor;
import io.lethean.lem.internal.gguf.GgmlType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tensors of the file in their order, with the type that each is written in.
 *
 * <p>The types are those of llama.cpp's converter: vectors, norms, routers and a few others are always F32, and a matrix
 * with rows that are not whole blocks of Q8_0 is F16.
 */
final class TensorPlan {

    /** Parts of names of matrices that llama.cpp reads as F32 only. */
    private static final List<String> ALWAYS_F32 =
            List.of("ffn_gate_inp.weight", "position_embd.weight", "token_types.weight");

    private final OutputType output;
    private final Map<String, PlannedTensor> tensors = new LinkedHashMap<>();

    TensorPlan(OutputType output) {
        this.output = output;
    }

    /**
     * Adds a tensor. MXFP4 stays as it is.
     *
     * @param shape its dimensions in the checkpoint's order
     */
    void add(String name, List<Long> shape, Rows rows) {
        GgmlType type = rows.type() == GgmlType.MXFP4 ? GgmlType.MXFP4 : type(name, shape);
        put(new PlannedTensor(name, reversed(shape), type, rows));
    }

    /** Adds a tensor of the checkpoint under a new name. */
    void add(String name, SourceTensor tensor) {
        add(name, tensor.shape(), tensor.rows());
    }

    private void put(PlannedTensor tensor) {
        if (tensor.elements() == 0) {
            throw new InvalidModelException(
                    "checkpoint-shape", "The tensor " + tensor.name() + " would be empty; the model is damaged.");
        }
        if (tensors.put(tensor.name(), tensor) != null) {
            throw new InvalidModelException(
                    "checkpoint-names",
                    "Two tensors of the checkpoint become " + tensor.name()
                            + "; the folder mixes files of two models.");
        }
    }

    private GgmlType type(String name, List<Long> shape) {
        boolean small = shape.size() <= 1 || name.endsWith("_norm.weight") || !name.endsWith(".weight");
        if (small || ALWAYS_F32.stream().anyMatch(name::endsWith)) {
            return GgmlType.F32;
        }
        return shape.getLast() % output.type().blockSize() == 0 ? output.type() : GgmlType.F16;
    }

    private static List<Long> reversed(List<Long> shape) {
        return shape.isEmpty() ? List.of(1L) : new ArrayList<>(shape).reversed();
    }

    boolean has(String name) {
        return tensors.containsKey(name);
    }

    /** The tensors in the order in which they are written. */
    List<PlannedTensor> tensors() {
        return List.copyOf(tensors.values());
    }
}
