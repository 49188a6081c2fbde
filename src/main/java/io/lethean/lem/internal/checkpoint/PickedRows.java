package io.lethean.lem.internal.checkpoint;

import io.lethean.lem.internal.gguf.GgmlType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.LongUnaryOperator;

/** Some rows of a tensor, in an order of their own. Neighbours that stay neighbours are read together. */
public final class PickedRows implements Rows {

    private final Rows source;
    private final long count;
    private final LongUnaryOperator place;

    /**
     * @param count how many rows this has
     * @param place from a row here to the row in the source
     */
    public PickedRows(Rows source, long count, LongUnaryOperator place) {
        this.source = source;
        this.count = count;
        this.place = place;
    }

    @Override
    public GgmlType type() {
        return source.type();
    }

    @Override
    public long count() {
        return count;
    }

    @Override
    public int columns() {
        return source.columns();
    }

    @Override
    public boolean isPlain() {
        return source.isPlain();
    }

    @Override
    public void read(long from, int rows, ByteBuffer into) throws IOException {
        for (int done = 0; done < rows; ) {
            long first = place.applyAsLong(from + done);
            int run = 1;
            while (done + run < rows && place.applyAsLong(from + done + run) == first + run) {
                run++;
            }
            source.read(first, run, into);
            done += run;
        }
    }
}
