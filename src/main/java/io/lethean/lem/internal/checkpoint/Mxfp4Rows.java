package io.lethean.lem.internal.checkpoint;

import io.lethean.lem.internal.gguf.GgmlType;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * MXFP4 values of a checkpoint as ggml's blocks of 32: a byte with the exponent, then 16 bytes with the codes. Bits are
 * moved and no value changes.
 *
 * <p>A checkpoint keeps element {@code 2i} in the low half of a byte and {@code 2i + 1} in the high half; ggml keeps
 * element {@code i} in the low half and {@code i + 16} in the high half.
 */
public final class Mxfp4Rows implements Rows {

    private static final int BLOCK = 32;
    private static final int CODES = BLOCK / 2;

    private final Rows codes;
    private final Rows scales;
    private final int codeRows;

    /**
     * @param codes two codes in each byte
     * @param scales a byte for each block; its rows are the rows of the tensor
     */
    public Mxfp4Rows(Rows codes, Rows scales) {
        this.codes = codes;
        this.scales = scales;
        long bytes = (long) scales.columns() * CODES;
        if (bytes % codes.rowBytes() != 0 || codes.count() * codes.rowBytes() != scales.count() * bytes) {
            throw new IllegalArgumentException("Codes of " + codes.count() + " x " + codes.rowBytes()
                    + " bytes do not fit scales of " + scales.count() + " x " + scales.columns() + ".");
        }
        this.codeRows = Math.toIntExact(bytes / codes.rowBytes());
    }

    @Override
    public GgmlType type() {
        return GgmlType.MXFP4;
    }

    @Override
    public long count() {
        return scales.count();
    }

    @Override
    public int columns() {
        return Math.multiplyExact(scales.columns(), BLOCK);
    }

    @Override
    public void read(long from, int rows, ByteBuffer into) throws IOException {
        ByteBuffer packed = ByteBuffer.allocate(rows * codeRows * codes.rowBytes());
        codes.read(from * codeRows, rows * codeRows, packed);
        ByteBuffer exponents = ByteBuffer.allocate(rows * scales.rowBytes());
        scales.read(from, rows, exponents);
        byte[] in = packed.array();
        byte[] out = new byte[1 + CODES];
        for (int block = 0; block < rows * scales.columns(); block++) {
            out[0] = exponents.array()[block];
            repack(in, block * CODES, out);
            into.put(out);
        }
    }

    private static void repack(byte[] in, int at, byte[] out) {
        for (int i = 0; i < CODES; i += 2) {
            int low = in[at + i / 2];
            int high = in[at + CODES / 2 + i / 2];
            out[1 + i] = (byte) (low & 0x0F | high << 4);
            out[2 + i] = (byte) (low >>> 4 & 0x0F | high & 0xF0);
        }
    }
}
