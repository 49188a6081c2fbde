package io.lethean.lem.internal.gguf;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A tensor as the header of a file describes it.
 *
 * @param name its name, such as {@code blk.0.attn_q.weight}
 * @param dims the numbers of elements per dimension, the one that is contiguous in memory first
 * @param type how its numbers are stored
 * @param offset where its data start, in bytes from the start of the data section of its file
 * @param part the file of a split model that holds it; 0 for the first or only one
 */
public record GgufTensor(String name, List<Long> dims, GgmlType type, long offset, int part) {

    public GgufTensor {
        dims = List.copyOf(dims);
    }

    /** The number of elements along a dimension; 1 for a dimension that the tensor does not have. */
    public long dim(int dimension) {
        return dimension < dims.size() ? dims.get(dimension) : 1;
    }

    /** The number of elements. */
    public long elements() {
        long elements = 1;
        for (long dim : dims) {
            elements = Math.multiplyExact(elements, dim);
        }
        return elements;
    }

    /** The number of rows: of runs of {@code dim(0)} elements. */
    public long rows() {
        return elements() / dim(0);
    }

    /** The size of its data in bytes, padding not counted. */
    public long bytes() {
        return Math.multiplyExact(type.rowBytes(dim(0)), rows());
    }

    /** The dimensions as {@code 64 x 512}. */
    public String shape() {
        return dims.stream().map(String::valueOf).collect(Collectors.joining(" x "));
    }
}
