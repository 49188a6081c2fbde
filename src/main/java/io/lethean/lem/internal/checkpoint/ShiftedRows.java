package io.lethean.lem.internal.checkpoint;

import io.lethean.lem.internal.gguf.GgmlType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Rows with 1 added to every value, as Gemma's norms are kept in GGUF. F16 is added in F16, everything else in F32, as
 * PyTorch does it in the converter.
 */
public final class ShiftedRows implements Rows {

    private final Rows source;

    public ShiftedRows(Rows source) {
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
        ByteBuffer bytes = ByteBuffer.allocate(rows * source.rowBytes()).order(ByteOrder.LITTLE_ENDIAN);
        source.read(from, rows, bytes);
        bytes.flip();
        while (bytes.hasRemaining()) {
            into.putFloat(
                    switch (source.type()) {
                        case F16 -> rounded(1 + Float.float16ToFloat(bytes.getShort()));
                        case BF16 -> 1 + Float.intBitsToFloat(bytes.getShort() << 16);
                        default -> 1 + bytes.getFloat();
                    });
        }
    }

    private static float rounded(float value) {
        return Float.float16ToFloat(Float.floatToFloat16(value));
    }
}
