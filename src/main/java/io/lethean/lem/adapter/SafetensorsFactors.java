package io.lethean.lem.adapter;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.safetensors.ElementType;
import io.lethean.lem.internal.safetensors.NewTensor;
import io.lethean.lem.internal.safetensors.SafetensorsEntry;
import io.lethean.lem.internal.safetensors.SafetensorsFile;
import io.lethean.lem.internal.safetensors.SafetensorsHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

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

    /**
     * Factors and magnitudes by name as tensors to be written.
     *
     * @param magnitudes matrices with one column, which become tensors of one dimension
     */
    static List<NewTensor> tensors(Map<String, Factor> factors, Map<String, Factor> magnitudes) {
        List<NewTensor> tensors = new ArrayList<>(tensors(factors));
        for (NewTensor each : tensors(magnitudes)) {
            tensors.add(
                    new NewTensor(each.name(), each.type(), List.of(each.shape().getFirst()), each.values()));
        }
        return tensors;
    }

    /** Factors by name as tensors to be written: 16-bit floats where they come from such, else 32-bit floats. */
    private static List<NewTensor> tensors(Map<String, Factor> factors) {
        List<NewTensor> tensors = new ArrayList<>();
        factors.forEach((name, factor) -> tensors.add(new NewTensor(
                name,
                factor.elementType(),
                List.of((long) factor.rows(), (long) factor.columns()),
                channel -> factor.elementType().write(channel, factor.values()))));
        return tensors;
    }
}
