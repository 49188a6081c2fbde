package io.lethean.lem.internal.checkpoint;

import io.lethean.lem.internal.gguf.GgmlType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Several matrices one after the other, each transposed. A column is scattered over a whole matrix, so the matrix that was
 * read last stays in memory.
 */
public final class TransposedRows implements Rows {

    private final Rows source;
    private final int matrixRows;

    private final Object lock = new Object();
    private long kept = -1;
    private byte @Nullable [] matrix;

    /** @param matrixRows rows of each matrix of the source */
    public TransposedRows(Rows source, int matrixRows) {
        this.source = source;
        this.matrixRows = matrixRows;
    }

    @Override
    public GgmlType type() {
        return source.type();
    }

    @Override
    public long count() {
        return source.count() / matrixRows * source.columns();
    }

    @Override
    public int columns() {
        return matrixRows;
    }

    @Override
    public void read(long from, int rows, ByteBuffer into) throws IOException {
        int size = source.type().typeSize();
        int width = source.columns();
        for (int row = 0; row < rows; row++) {
            byte[] values = matrix((from + row) / width);
            int column = (int) ((from + row) % width);
            for (int i = 0; i < matrixRows; i++) {
                into.put(values, (i * width + column) * size, size);
            }
        }
    }

    private byte[] matrix(long number) throws IOException {
        synchronized (lock) {
            byte[] last = matrix;
            if (last != null && kept == number) {
                return last;
            }
            ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(matrixRows, source.rowBytes()))
                    .order(ByteOrder.LITTLE_ENDIAN);
            source.read(number * matrixRows, matrixRows, bytes);
            kept = number;
            matrix = bytes.array();
            return bytes.array();
        }
    }
}
