package io.lethean.lem.internal.checkpoint;

import io.lethean.lem.internal.gguf.GgmlType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Every second row of a tensor: the even ones or the odd ones. They are read with those between them, which is faster. */
public final class StridedRows implements Rows {

    private static final int STRIDE = 2;

    private final Rows source;
    private final int first;

    private StridedRows(Rows source, int first) {
        this.source = source;
        this.first = first;
    }

    /** Rows 0, 2, 4 ... */
    public static StridedRows even(Rows source) {
        return new StridedRows(source, 0);
    }

    /** Rows 1, 3, 5 ... */
    public static StridedRows odd(Rows source) {
        return new StridedRows(source, 1);
    }

    @Override
    public GgmlType type() {
        return source.type();
    }

    @Override
    public long count() {
        return source.count() / STRIDE;
    }

    @Override
    public int columns() {
        return source.columns();
    }

    @Override
    public void read(long from, int rows, ByteBuffer into) throws IOException {
        int bytes = rowBytes();
        int span = STRIDE * (rows - 1) + 1;
        ByteBuffer all = ByteBuffer.allocate(Math.multiplyExact(span, bytes)).order(ByteOrder.LITTLE_ENDIAN);
        source.read(STRIDE * from + first, span, all);
        for (int row = 0; row < rows; row++) {
            into.put(all.array(), row * STRIDE * bytes, bytes);
        }
    }
}
