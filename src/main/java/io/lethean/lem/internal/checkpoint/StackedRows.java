package io.lethean.lem.internal.checkpoint;

import io.lethean.lem.internal.gguf.GgmlType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** The rows of several tensors of the same shape and type, one after the other. */
public final class StackedRows implements Rows {

    private final List<Rows> parts;
    private final long partRows;

    /** @throws IllegalArgumentException if there are no tensors, or they differ in shape or type */
    public StackedRows(List<? extends Rows> parts) {
        this.parts = List.copyOf(parts);
        Rows first = this.parts.getFirst();
        partRows = first.count();
        for (Rows part : parts) {
            if (part.count() != partRows || part.columns() != first.columns() || part.type() != first.type()) {
                throw new IllegalArgumentException("Only tensors of one shape and type can be stacked: "
                        + first.count() + " x " + first.columns() + " "
                        + first.type().ggmlName() + " and "
                        + part.count() + " x " + part.columns() + " "
                        + part.type().ggmlName() + ".");
            }
        }
    }

    @Override
    public GgmlType type() {
        return parts.getFirst().type();
    }

    @Override
    public long count() {
        return partRows * parts.size();
    }

    @Override
    public int columns() {
        return parts.getFirst().columns();
    }

    @Override
    public boolean isPlain() {
        return parts.stream().allMatch(Rows::isPlain);
    }

    @Override
    public void read(long from, int rows, ByteBuffer into) throws IOException {
        long row = from;
        long end = from + rows;
        while (row < end) {
            long inPart = row % partRows;
            int some = (int) Math.min(end - row, partRows - inPart);
            parts.get(Math.toIntExact(row / partRows)).read(inPart, some, into);
            row += some;
        }
    }
}
