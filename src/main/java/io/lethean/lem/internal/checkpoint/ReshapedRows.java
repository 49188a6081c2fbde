package io.lethean.lem.internal.checkpoint;

import io.lethean.lem.internal.gguf.GgmlType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The values of a tensor in the same order and in shorter rows. */
public final class ReshapedRows implements Rows {

    private final Rows source;
    private final int columns;

    /** @throws IllegalArgumentException if the rows of the source do not consist of whole rows of this length */
    public ReshapedRows(Rows source, int columns) {
        if (columns < 1 || source.columns() % columns != 0) {
            throw new IllegalArgumentException(
                    "Rows of " + source.columns() + " values do not consist of rows of " + columns + ".");
        }
        this.source = source;
        this.columns = columns;
    }

    @Override
    public GgmlType type() {
        return source.type();
    }

    @Override
    public long count() {
        return source.count() * (source.columns() / columns);
    }

    @Override
    public int columns() {
        return columns;
    }

    @Override
    public void read(long from, int rows, ByteBuffer into) throws IOException {
        long perRow = source.columns() / columns;
        long first = from / perRow;
        int wide = Math.toIntExact((from + rows - 1) / perRow - first + 1);
        ByteBuffer all =
                ByteBuffer.allocate(Math.multiplyExact(wide, source.rowBytes())).order(ByteOrder.LITTLE_ENDIAN);
        source.read(first, wide, all);
        into.put(all.array(), Math.toIntExact((from - first * perRow) * rowBytes()), rows * rowBytes());
    }
}
