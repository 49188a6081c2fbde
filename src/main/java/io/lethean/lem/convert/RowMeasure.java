package io.lethean.lem.convert;

import java.util.Arrays;

/**
 * Sums over long rows of floats, for one thread.
 *
 * <p>A sum in one variable has to be formed number by number; kept in many lanes side by side it becomes vector
 * instructions, several times as fast, and is more exact besides.
 */
final class RowMeasure {

    private static final int LANES = 1024;

    private final float[] first = new float[LANES];
    private final float[] second = new float[LANES];
    private final int[] sizes = new int[LANES];

    /**
     * The largest size among the first numbers, NaN if one is none.
     *
     * <p>The bits of sizes are ordered as the sizes are, with NaN above all, and comparing integers is quicker.
     */
    float largest(float[] values, int count) {
        Arrays.fill(sizes, 0);
        for (int from = 0; from < count; from += LANES) {
            raise(values, from, Math.min(LANES, count - from));
        }
        int largest = 0;
        for (int lane : sizes) {
            largest = Math.max(largest, lane);
        }
        return Float.intBitsToFloat(largest);
    }

    private void raise(float[] values, int from, int length) {
        int[] lanes = sizes;
        for (int i = 0; i < length; i++) {
            lanes[i] = Math.max(lanes[i], Float.floatToRawIntBits(values[from + i]) & Integer.MAX_VALUE);
        }
    }

    /** How far the first numbers of one array are from those of another. */
    RowErrors errors(float[] wanted, float[] written, int count) {
        Arrays.fill(first, 0);
        Arrays.fill(second, 0);
        for (int from = 0; from < count; from += LANES) {
            add(wanted, written, from, Math.min(LANES, count - from));
        }
        return new RowErrors(sum(first), sum(second));
    }

    private void add(float[] wanted, float[] written, int from, int length) {
        float[] values = first;
        float[] errors = second;
        for (int i = 0; i < length; i++) {
            float difference = wanted[from + i] - written[from + i];
            values[i] += wanted[from + i] * wanted[from + i];
            errors[i] += difference * difference;
        }
    }

    private static double sum(float[] lanes) {
        double sum = 0;
        for (float lane : lanes) {
            sum += lane;
        }
        return sum;
    }
}
