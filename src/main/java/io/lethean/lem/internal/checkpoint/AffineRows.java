package io.lethean.lem.internal.checkpoint;

import io.lethean.lem.internal.gguf.GgmlType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Rows that mlx has quantized: a value is scale times code plus bias, with one scale and bias for each group.
 *
 * <p>mlx computes this in the type of the scales and rounds after the product and after the sum; so does this class, and
 * its values are those of {@code mlx.core.dequantize} to the bit. Codes lie one after the other, the first in the lowest
 * bits.
 */
public final class AffineRows implements Rows {

    private final Rows codes;
    private final Rows scales;
    private final Rows biases;
    private final int bits;
    private final int group;

    /**
     * @param codes 32-bit words
     * @param scales F32, F16 or BF16
     * @param biases of the same type and shape
     * @param bits of a code: 2 to 8
     * @param group values that share a scale
     */
    AffineRows(Rows codes, Rows scales, Rows biases, int bits, int group) {
        this.codes = codes;
        this.scales = scales;
        this.biases = biases;
        this.bits = bits;
        this.group = group;
    }

    @Override
    public GgmlType type() {
        return scales.type();
    }

    @Override
    public long count() {
        return scales.count();
    }

    @Override
    public int columns() {
        return Math.multiplyExact(scales.columns(), group);
    }

    @Override
    public void read(long from, int rows, ByteBuffer into) throws IOException {
        byte[] packed = bytes(codes, from, rows);
        ByteBuffer scale = ByteBuffer.wrap(bytes(scales, from, rows)).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer bias = ByteBuffer.wrap(bytes(biases, from, rows)).order(ByteOrder.LITTLE_ENDIAN);
        float[] table = new float[1 << bits];
        for (int row = 0; row < rows; row++) {
            long bit = 8L * row * codes.rowBytes();
            for (int each = 0; each < scales.columns(); each++) {
                fill(table, next(scale), next(bias));
                for (int i = 0; i < group; i++) {
                    put(into, table[code(packed, bit)]);
                    bit += bits;
                }
            }
        }
    }

    private static byte[] bytes(Rows source, long from, int rows) throws IOException {
        ByteBuffer bytes =
                ByteBuffer.allocate(Math.multiplyExact(rows, source.rowBytes())).order(ByteOrder.LITTLE_ENDIAN);
        source.read(from, rows, bytes);
        return bytes.array();
    }

    private int code(byte[] packed, long bit) {
        int at = (int) (bit >>> 3);
        int shift = (int) (bit & 7);
        int word = packed[at] & 0xFF;
        if (shift + bits > 8) {
            word |= (packed[at + 1] & 0xFF) << 8;
        }
        return word >>> shift & (1 << bits) - 1;
    }

    /** The value of every code with this scale and bias. */
    private void fill(float[] table, float scale, float bias) {
        for (int code = 0; code < table.length; code++) {
            table[code] = rounded(rounded(scale * code) + bias);
        }
    }

    private float next(ByteBuffer values) {
        return switch (type()) {
            case BF16 -> Float.intBitsToFloat(values.getShort() << 16);
            case F16 -> Float.float16ToFloat(values.getShort());
            default -> values.getFloat();
        };
    }

    private float rounded(float value) {
        return switch (type()) {
            case BF16 -> {
                int number = Float.floatToRawIntBits(value);
                yield Float.isNaN(value)
                        ? value
                        : Float.intBitsToFloat(number + 0x7FFF + (number >>> 16 & 1) & 0xFFFF_0000);
            }
            case F16 -> Float.float16ToFloat(Float.floatToFloat16(value));
            default -> value;
        };
    }

    private void put(ByteBuffer into, float value) {
        switch (type()) {
            case BF16 -> into.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
            case F16 -> into.putShort(Float.floatToFloat16(value));
            default -> into.putFloat(value);
        }
    }
}
