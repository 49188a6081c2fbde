package io.lethean.lem.convert;

import io.lethean.lem.adapter.Adapter;
import io.lethean.lem.adapter.LoraPair;
import java.util.List;

/**
 * Adds {@code B * A} to a tensor's rows, several adapters stacked to one update of their ranks' sum.
 *
 * <p>The factors of one tensor are in memory, no product of them ever is. Loaded by one thread between tensors,
 * applied by several.
 */
final class LowRankUpdate implements RowChange {

    /** Columns at a time, so that they and as many of A's rows as are added at once stay in the fastest cache. */
    private static final int TILE = 1024;

    private int rank;
    private int columns;
    private int rows;
    private float[] a = new float[0];
    private float[] b = new float[0];
    private float[] own = new float[0];

    /** An adapter and the strength that it is merged with. */
    record Part(Adapter adapter, LoraPair pair, float strength) {}

    /**
     * Reads the updates of the next tensor, in place of the last one's.
     *
     * @param parts at least one; all with the tensor's inputs and outputs
     */
    void load(List<Part> parts) {
        rank = parts.stream().mapToInt(part -> part.pair().rank()).sum();
        columns = parts.getFirst().pair().inputs();
        rows = parts.getFirst().pair().outputs();
        a = room(a, Math.multiplyExact(rank, columns));
        b = room(b, Math.multiplyExact(rank, rows));
        int first = 0;
        for (Part part : parts) {
            part.pair().a().copyTo(a, first * columns);
            stack(part, first);
            first += part.pair().rank();
        }
    }

    private void stack(Part part, int first) {
        int ownRank = part.pair().rank();
        own = room(own, rows * ownRank);
        part.pair().b().copyTo(own, 0);
        float scale = part.strength() * part.adapter().scale(part.pair());
        for (int row = 0; row < rows; row++) {
            for (int k = 0; k < ownRank; k++) {
                b[row * rank + first + k] = scale * own[row * ownRank + k];
            }
        }
    }

    /** The array itself where it is large enough, so that merging leaves little behind for the garbage collector. */
    private static float[] room(float[] array, int length) {
        return array.length >= length ? array : new float[length];
    }

    @Override
    public void apply(float[] values, long firstRow, int rows, int columns) {
        for (int from = 0; from < columns; from += TILE) {
            int length = Math.min(TILE, columns - from);
            for (int row = 0; row < rows; row++) {
                addRow(values, row * columns + from, (int) (firstRow + row) * rank, from, length);
            }
        }
    }

    private void addRow(float[] values, int at, int factors, int from, int length) {
        int k = 0;
        for (; k + 4 <= rank; k += 4) {
            add4(values, at, factors + k, k * columns + from, length);
        }
        for (; k < rank; k++) {
            add1(values, at, b[factors + k], k * columns + from, length);
        }
    }

    private void add4(float[] values, int at, int factors, int from, int length) {
        float[] a = this.a;
        float b0 = b[factors];
        float b1 = b[factors + 1];
        float b2 = b[factors + 2];
        float b3 = b[factors + 3];
        int from1 = from + columns;
        int from2 = from1 + columns;
        int from3 = from2 + columns;
        for (int i = 0; i < length; i++) {
            values[at + i] += b0 * a[from + i] + b1 * a[from1 + i] + b2 * a[from2 + i] + b3 * a[from3 + i];
        }
    }

    private void add1(float[] values, int at, float factor, int from, int length) {
        float[] a = this.a;
        for (int i = 0; i < length; i++) {
            values[at + i] += factor * a[from + i];
        }
    }

    /** The sum of the update's squares, from the inner products of A's rows: b' (A A') b for each row b of B. */
    double squaredNorm() {
        double[] inner = innerProducts();
        double sum = 0;
        for (int row = 0; row < rows * rank; row += rank) {
            for (int i = 0; i < rank; i++) {
                for (int j = 0; j < rank; j++) {
                    sum += (double) b[row + i] * b[row + j] * inner[i * rank + j];
                }
            }
        }
        return sum;
    }

    private double[] innerProducts() {
        double[] inner = new double[rank * rank];
        for (int i = 0; i < rank; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = 0;
                for (int column = 0; column < columns; column++) {
                    sum += (double) a[i * columns + column] * a[j * columns + column];
                }
                inner[i * rank + j] = sum;
                inner[j * rank + i] = sum;
            }
        }
        return inner;
    }
}
