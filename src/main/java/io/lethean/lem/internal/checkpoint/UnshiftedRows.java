package io.lethean.lem.internal.checkpoint;

import io.lethean.lem.internal.gguf.GgmlType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Rows of F32 with 1 taken from every value: Gemma's norms as its checkpoints keep them. */
public final class UnshiftedRows implements Rows {

    private final Rows source;

    /** @throws IllegalArgumentException if the rows are not F32 */
    public UnshiftedRows(Rows source) {
        if (source.type() != GgmlType.F32) {
            throw new IllegalArgumentException(
                    "Values are shifted as F32, and these are " + source.type().ggmlName() + ".");
        }
        this.source = source;
    }

    @Override
    public GgmlType type() {
        return GgmlType.F32;
    }

    @Override
    public long count() {
        return source.count();
    }

    @Override
    public int columns() {
        return source.columns();
    }

    @Override
    public void read(long from, int rows, ByteBuffer into) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(rows * source.rowBytes()).order(ByteOrder.LITTLE_ENDIAN);
        source.read(from, rows, bytes);
        bytes.flip();
        while (bytes.hasRemaining()) {
            into.putFloat(bytes.getFloat() - 1);
        }
    }
}
