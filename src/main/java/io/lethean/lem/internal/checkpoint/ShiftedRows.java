package io.lethean.lem.internal.checkpoint;

import io.lethean.lem.internal.gguf.GgmlType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Rows with 1 added to every value or taken from it: Gemma's norms in GGUF are those of its checkpoints plus 1. F16 is
 * added in F16, everything else in F32, as PyTorch does it in the converter.
 */
public final class ShiftedRows extends FloatRows {

    private final float shift;

    private ShiftedRows(Rows source, float shift) {
        super(source);
        this.shift = shift;
    }

    /** The rows with 1 added, as GGUF has them. */
    public static ShiftedRows plusOne(Rows source) {
        return new ShiftedRows(source, 1);
    }

    /**
     * The rows with 1 taken away, as a checkpoint has them.
     *
     * @throws IllegalArgumentException if the rows are not F32
     */
    public static ShiftedRows minusOne(Rows source) {
        if (source.type() != GgmlType.F32) {
            throw new IllegalArgumentException(
                    "Values are shifted as F32, and these are " + source.type().ggmlName() + ".");
        }
        return new ShiftedRows(source, -1);
    }

    @Override
    public void read(long from, int rows, ByteBuffer into) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(rows * source.rowBytes()).order(ByteOrder.LITTLE_ENDIAN);
        source.read(from, rows, bytes);
        bytes.flip();
        while (bytes.hasRemaining()) {
            into.putFloat(
                    switch (source.type()) {
                        case F16 -> rounded(shift + Float.float16ToFloat(bytes.getShort()));
                        case BF16 -> shift + Float.intBitsToFloat(bytes.getShort() << 16);
                        default -> shift + bytes.getFloat();
                    });
        }
    }

    private static float rounded(float value) {
        return Float.float16ToFloat(Float.floatToFloat16(value));
    }
}
