package io.lethean.lem.adapter;

import io.lethean.lem.InvalidModelException;

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
        if (!entry.type().isReadable()) {
            throw SafetensorsHeader.invalid(
                    "tensor-type",
                    file.path(),
                    "keeps tensor " + entry.name() + " as " + entry.type()
                            + ", and only F64, F32, F16 and BF16 can be read");
        }
        return Factor.reading(
                Math.toIntExact(entry.shape().get(0)),
                Math.toIntExact(entry.shape().get(1)),
                entry.type() == ElementType.F16,
                (into, at) -> file.copy(entry, into, at));
    }
}
