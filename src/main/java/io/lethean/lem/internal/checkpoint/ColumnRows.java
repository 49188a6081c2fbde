package io.lethean.lem.internal.checkpoint;

import io.lethean.lem.internal.gguf.GgmlType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A vector as rows of one value each, so that its values can be put in another order. For vectors only. */
public final class ColumnRows implements Rows {

    private final Rows vector;

    public ColumnRows(Rows vector) {
        this.vector = vector;
    }

    @Override
    public GgmlType type() {
        return vector.type();
    }

    @Override
    public long count() {
        return vector.columns();
    }

    @Override
    public int columns() {
        return 1;
    }

    @Override
    public void read(long from, int rows, ByteBuffer into) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(vector.rowBytes()).order(ByteOrder.LITTLE_ENDIAN);
        vector.read(0, 1, all);
        into.put(all.array(), Math.toIntExact(from * rowBytes()), rows * rowBytes());
    }
}
