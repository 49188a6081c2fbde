package io.lethean.lem.convert;

import io.lethean.lem.adapter.Adapter;
import io.lethean.lem.adapter.LoraPair;
import java.util.List;

/**
 * Adds {@code B * A} to a tensor's rows, several adapters stacked to one update of their ranks' sum.
 *
 * <p>The factors of one tensor are in memory, no product of them ever is.
 */
final class LowRankUpdate implements RowChange {

    /** Columns at a time, so that they and as many of A's rows as are added at once stay in the fastest cache. */
    private static final int TILE = 1024;

    private final int rank;
    private final int columns;
    private final float[] a;
    private final float[] b;

    private LowRankUpdate(int rank, int columns, float[] a, float[] b) {
        this.rank = rank;
        this.columns = columns;
        this.a = a;
        this.b = b;
    }

    /** An adapter and the strength that it is merged with. */
    record Part(Adapter adapter, LoraPair pair, float strength) {}

    /**
     * The updates of one tensor by several adapters as one.
     *
     * @param parts at least one; all with the tensor's inputs and outputs
     */
    static LowRankUpdate of(List<Part> parts) {
        int rank = parts.stream().mapToInt(part -> part.pair().rank()).sum();
        int columns = parts.getFirst().pair().inputs();
        int rows = parts.getFirst().pair().outputs();
        float[] a = new float[Math.multiplyExact(rank, columns)];
        float[] b = new float[Math.multiplyExact(rank, rows)];
        int first = 0;
        for (Part part : parts) {
            int own = part.pair().rank();
            System.arraycopy(part.pair().a().values(), 0, a, first * columns, own * columns);
            float scale = part.strength() * part.adapter().scale(part.pair());
            float[] values = part.pair().b().values();
            for (int row = 0; row < rows; row++) {
                for (int k = 0; k < own; k++) {
                    b[row * rank + first + k] = scale * values[row * own + k];
                }
            }
            first += own;
        }
        return new LowRankUpdate(rank, columns, a, b);
    }

    @Override
    public void apply(float[] values, long firstRow, int rows, int columns) {
        for (int from = 0; from < columns; from += TILE) {
            int length = Math.min(TILE, columns - from);
            for (int row = 0; row < rows; row++) {
                int own = (int) (firstRow + row) * rank;
                addRow(values, row * columns + from, own, from, length);
            }
        }
    }

    private void addRow(float[] values, int at, int own, int from, int length) {
        int k = 0;
        for (; k + 4 <= rank; k += 4) {
            add4(values, at, own + k, k * columns + from, length);
        }
        for (; k < rank; k++) {
            add1(values, at, b[own + k], k * columns + from, length);
        }
    }

    private void add4(float[] values, int at, int own, int from, int length) {
        float[] a = this.a;
        float b0 = b[own];
        float b1 = b[own + 1];
        float b2 = b[own + 2];
        float b3 = b[own + 3];
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
        for (int row = 0; row < b.length; row += rank) {
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
