package io.lethean.lem.internal.checkpoint;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.safetensors.ElementType;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A tensor of a checkpoint.
 *
 * @param name as the checkpoint calls it
 * @param shape its dimensions, the fastest last
 * @param element how the file stores a value
 * @param rows its values; integers and types that are not converted have rows of the ggml type of the same size
 * @param file where it is
 */
public record SourceTensor(String name, List<Long> shape, ElementType element, Rows rows, Path file) {

    public SourceTensor {
        shape = List.copyOf(shape);
    }

    public SourceTensor renamed(String other) {
        return new SourceTensor(other, shape, element, rows, file);
    }

    /** This tensor with other values, and their shape. */
    public SourceTensor with(List<Long> newShape, ElementType newElement, Rows newRows) {
        return new SourceTensor(name, newShape, newElement, newRows, file);
    }

    /**
     * This tensor, if its values are real numbers or MXFP4.
     *
     * @throws InvalidModelException naming the type that they have instead
     */
    public SourceTensor requireReal() {
        if (!element.isReadable() && rows.type() != GgmlType.MXFP4) {
            throw refuse(
                    "checkpoint-type",
                    "is stored as " + element
                            + ", and F64, F32, F16 and BF16 can be converted; the checkpoint is quantized"
                            + " in a way that is not known here. Take the model in one of these types");
        }
        return this;
    }

    /** The shape as {@code 64 x 32}, in the checkpoint's order. */
    public String shapeText() {
        return shape.isEmpty()
                ? "a single value"
                : shape.stream().map(String::valueOf).collect(Collectors.joining(" x "));
    }

    /** The refusal of this tensor; {@code what} completes "The tensor NAME in FILE ...". */
    public InvalidModelException refuse(String rule, String what) {
        return new InvalidModelException(rule, "The tensor " + name + " in " + file + " " + what + ".");
    }
}
