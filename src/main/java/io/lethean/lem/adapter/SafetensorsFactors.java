package io.lethean.lem.adapter;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.safetensors.ElementType;
import io.lethean.lem.internal.safetensors.NewTensor;
import io.lethean.lem.internal.safetensors.SafetensorsEntry;
import io.lethean.lem.internal.safetensors.SafetensorsFile;
import io.lethean.lem.internal.safetensors.SafetensorsHeader;
import java.util.Arrays;

/** Tensors of a safetensors file as factors; the values stay in the file until they are read. */
final class SafetensorsFactors {

    private SafetensorsFactors() {}

    /**
     * A tensor as a matrix.
     *
     * @throws InvalidModelException if it is not a matrix of a readable type
     */
    static Factor of(SafetensorsFile file, SafetensorsEntry entry) {
        if (entry.shape().size() != 2 || entry.elements() < 1 || entry.elements() > Integer.MAX_VALUE - 8) {
            throw SafetensorsHeader.invalid(
                    "tensor-shape",
                    file.path(),
                    "has a tensor " + entry.name() + " of shape " + entry.shape() + ", where a matrix is needed");
        }
        requireReadable(file, entry);
        return Factor.reading(
                Math.toIntExact(entry.shape().get(0)),
                Math.toIntExact(entry.shape().get(1)),
                entry.type() == ElementType.F16,
                (into, at) -> file.copy(entry, into, at));
    }

    /**
     * A tensor of three dimensions as the matrices of all experts, one after the other.
     *
     * @throws InvalidModelException if it has another number of dimensions, or is not of a readable type
     */
    static Factor stack(SafetensorsFile file, SafetensorsEntry entry) {
        if (entry.shape().size() != 3 || entry.elements() < 1 || entry.elements() > Integer.MAX_VALUE - 8) {
            throw SafetensorsHeader.invalid(
                    "tensor-shape",
                    file.path(),
                    "has a tensor " + entry.name() + " of shape " + entry.shape()
                            + ", where a matrix for each expert is needed");
        }
        requireReadable(file, entry);
        return Factor.reading(
                Math.toIntExact(entry.shape().get(0) * entry.shape().get(1)),
                Math.toIntExact(entry.shape().get(2)),
                entry.type() == ElementType.F16,
                (into, at) -> file.copy(entry, into, at));
    }

    /**
     * A tensor of one dimension as a matrix with one column.
     *
     * @throws InvalidModelException if it has more dimensions, or is not of a readable type
     */
    static Factor vector(SafetensorsFile file, SafetensorsEntry entry) {
        if (entry.shape().size() != 1 || entry.elements() < 1 || entry.elements() > Integer.MAX_VALUE - 8) {
            throw SafetensorsHeader.invalid(
                    "tensor-shape",
                    file.path(),
                    "has a tensor " + entry.name() + " of shape " + entry.shape() + ", where one value for each output"
                            + " is needed");
        }
        requireReadable(file, entry);
        return Factor.reading(
                Math.toIntExact(entry.shape().get(0)),
                1,
                entry.type() == ElementType.F16,
                (into, at) -> file.copy(entry, into, at));
    }

    private static void requireReadable(SafetensorsFile file, SafetensorsEntry entry) {
        if (!entry.type().isReadable()) {
            throw SafetensorsHeader.invalid(
                    "tensor-type",
                    file.path(),
                    "keeps tensor " + entry.name() + " as " + entry.type()
                            + ", and only F64, F32, F16 and BF16 can be read");
        }
    }

    /** A factor as a tensor to be written, with 16-bit floats where its values come from such, else 32-bit floats. */
    static NewTensor matrix(String name, Factor factor) {
        return tensor(name, factor, factor.rows(), factor.columns());
    }

    /** A matrix with one column as a tensor of one dimension, to be written. */
    static NewTensor vector(String name, Factor factor) {
        return tensor(name, factor, factor.rows());
    }

    /** The matrices of all experts, one after the other, as a tensor of three dimensions, to be written. */
    static NewTensor stack(String name, Factor factor, int experts) {
        return tensor(name, factor, experts, factor.rows() / experts, factor.columns());
    }

    private static NewTensor tensor(String name, Factor factor, long... shape) {
        return new NewTensor(
                name,
                factor.elementType(),
                Arrays.stream(shape).boxed().toList(),
                channel -> factor.elementType().write(channel, factor.values()));
    }
}
