package io.lethean.lem.internal.checkpoint;

import io.lethean.lem.internal.gguf.GgmlType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The values of a tensor, read a block of rows at a time. A row runs along the last dimension of a checkpoint's shape,
 * which is the first of a GGUF file's.
 *
 * <p>Steps are composed: rows of a file, rows in another order, rows of several tensors one after the other. Any thread
 * may read.
 */
public interface Rows {

    /** How the values are stored: F32, F16, BF16 or MXFP4. */
    GgmlType type();

    long count();

    /** Values in a row. */
    int columns();

    /**
     * Appends rows to a little-endian buffer.
     *
     * @param from the first row
     * @param into has room for {@code rows} times {@link #rowBytes}
     */
    void read(long from, int rows, ByteBuffer into) throws IOException;

    /** The place of all rows in order, if that is one range of a file. */
    default Optional<FileRange> range() {
        return Optional.empty();
    }

    /** Whether reading only moves bytes, so that a second thread would not make it faster. */
    default boolean isPlain() {
        return false;
    }

    default int rowBytes() {
        return Math.toIntExact(type().rowBytes(columns()));
    }
}
