package io.lethean.lem.convert;

import io.lethean.lem.internal.checkpoint.Rows;
import io.lethean.lem.internal.gguf.GgmlType;
import java.util.List;

/**
 * A tensor to be written.
 *
 * @param name in the GGUF file
 * @param dims its dimensions, the contiguous one first
 * @param type what it is written in
 * @param rows its values
 */
record PlannedTensor(String name, List<Long> dims, GgmlType type, Rows rows) {

    PlannedTensor {
        dims = List.copyOf(dims);
    }

    long elements() {
        long elements = 1;
        for (long dim : dims) {
            elements *= dim;
        }
        return elements;
    }

    long bytes() {
        return type.rowBytes(dims.getFirst()) * (elements() / dims.getFirst());
    }
}
