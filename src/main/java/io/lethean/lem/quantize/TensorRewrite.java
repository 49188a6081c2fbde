package io.lethean.lem.quantize;

import io.lethean.lem.internal.gguf.GgufTensor;

/**
 * One tensor to be read, changed and written in another type or the same.
 *
 * @param tensor the tensor in the input
 * @param from how its rows are read
 * @param to how they are written
 */
record TensorRewrite(GgufTensor tensor, RowCodec from, RowCodec to) {

    int columns() {
        return Math.toIntExact(tensor.dim(0));
    }

    long rows() {
        return tensor.rows();
    }

    long sourceRowBytes() {
        return from.type().rowBytes(columns());
    }

    long targetRowBytes() {
        return to.type().rowBytes(columns());
    }

    /** Rows in a block: about 130 thousand numbers, so that one tensor is enough for several threads. */
    int blockRows() {
        return (int) Math.clamp(RowStream.BLOCK_NUMBERS / columns(), 1, rows());
    }
}
