package io.lethean.lem.internal.checkpoint;

import io.lethean.lem.internal.gguf.GgmlType;
import java.nio.ByteBuffer;

/** A single row of values that are computed. */
public final class MemoryRows implements Rows {

    private final float[] values;

    private MemoryRows(float[] values) {
        this.values = values;
    }

    public static MemoryRows of(float... values) {
        return new MemoryRows(values.clone());
    }

    @Override
    public GgmlType type() {
        return GgmlType.F32;
    }

    @Override
    public long count() {
        return 1;
    }

    @Override
    public int columns() {
        return values.length;
    }

    @Override
    public void read(long from, int rows, ByteBuffer into) {
        for (float value : values) {
            into.putFloat(value);
        }
    }
}
