package io.lethean.lem.internal.checkpoint;

import io.lethean.lem.internal.gguf.GgmlType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Rows of F64 as F32. */
final class NarrowedRows implements Rows {

    private final Rows source;

    NarrowedRows(Rows source) {
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
        ByteBuffer wide = ByteBuffer.allocate(source.rowBytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (int row = 0; row < rows; row++) {
            source.read(from + row, 1, wide.clear());
            wide.flip();
            while (wide.hasRemaining()) {
                into.putFloat((float) wide.getDouble());
            }
        }
    }
}
