package io.lethean.lem.pretrain;

import java.util.List;

/**
 * The probability of each byte given the one before it, from counts: what a model has to beat.
 *
 * <p>Smoothed by adding to every count: {@code (count(a, b) + added) / (count(a) + 256 added)}. A text begins after a
 * byte 0.
 */
final class ByteBigram {

    private static final int BYTES = 256;

    private final long[][] pairs = new long[BYTES][BYTES];
    private final long[] firsts = new long[BYTES];
    private final double added;

    /** @param added to every count, more than 0 */
    ByteBigram(List<byte[]> texts, double added) {
        this.added = added;
        for (byte[] text : texts) {
            int before = 0;
            for (byte value : text) {
                pairs[before][Byte.toUnsignedInt(value)]++;
                firsts[before]++;
                before = Byte.toUnsignedInt(value);
            }
        }
    }

    /** Bits per byte of texts. */
    double bitsPerByte(List<byte[]> texts) {
        double nats = 0;
        long bytes = 0;
        for (byte[] text : texts) {
            int before = 0;
            for (byte value : text) {
                int next = Byte.toUnsignedInt(value);
                nats -= Math.log((pairs[before][next] + added) / (firsts[before] + BYTES * added));
                before = next;
            }
            bytes += text.length;
        }
        return nats / Math.log(2) / bytes;
    }
}
