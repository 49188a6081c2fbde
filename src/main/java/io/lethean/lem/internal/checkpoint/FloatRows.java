package io.lethean.lem.internal.checkpoint;

import io.lethean.lem.internal.gguf.GgmlType;

/** F32 rows with values that are computed one by one from those of other rows. */
abstract sealed class FloatRows implements Rows permits NarrowedRows, ShiftedRows {

    final Rows source;

    FloatRows(Rows source) {
        this.source = source;
    }

    @Override
    public final GgmlType type() {
        return GgmlType.F32;
    }

    @Override
    public final long count() {
        return source.count();
    }

    @Override
    public final int columns() {
        return source.columns();
    }
}
