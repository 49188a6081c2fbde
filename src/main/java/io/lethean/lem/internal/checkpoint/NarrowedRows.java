package io.lethean.lem.internal.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Rows of F64 as F32. */
final class NarrowedRows extends FloatRows {

    NarrowedRows(Rows source) {
        super(source);
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
