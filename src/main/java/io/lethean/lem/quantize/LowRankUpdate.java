package io.lethean.lem.quantize;

import io.lethean.lem.adapter.Adapter;
import io.lethean.lem.adapter.LoraPair;
import java.util.Arrays;
import java.util.List;

/**
 * Adds {@code B * A} to a tensor's rows, several adapters stacked to one update of their ranks' sum.
 *
 * <p>The factors of one tensor are in memory, no product of them ever is. Loaded by one thread between tensors,
 * applied by several.
 */
final class LowRankUpdate implements RowChange {

    private int rank;
    private int columns;
    private int rows;
    private float[][] a = new float[0][];
    private float[] b = new float[0];
    private float[] own = new float[0];

    /** An adapter and the weight that it is merged with. */
    record Part(Adapter adapter, LoraPair pair, float weight) {}

    /**
     * Reads the updates of the next tensor, in place of the last one's.
     *
     * @param parts at least one; all with the tensor's inputs and outputs
     */
    void load(List<Part> parts) {
        rank = parts.stream().mapToInt(part -> part.pair().rank()).sum();
        columns = parts.getFirst().pair().inputs();
        rows = parts.getFirst().pair().outputs();
        b = room(b, Math.multiplyExact(rank, rows));
        makeRoomForA();
        int first = 0;
        for (Part part : parts) {
            stackA(part, first);
            stackB(part, first);
            first += part.pair().rank();
        }
    }

    private void makeRoomForA() {
        if (a.length < rank) {
            a = Arrays.copyOf(a, rank);
        }
        for (int k = 0; k < rank; k++) {
            a[k] = a[k] == null ? new float[columns] : room(a[k], columns);
        }
    }

    private void stackA(Part part, int first) {
        int ownRank = part.pair().rank();
        own = room(own, ownRank * columns);
        part.pair().a().copyTo(own, 0);
        for (int k = 0; k < ownRank; k++) {
            System.arraycopy(own, k * columns, a[first + k], 0, columns);
        }
    }

    private void stackB(Part part, int first) {
        int ownRank = part.pair().rank();
        own = room(own, rows * ownRank);
        part.pair().b().copyTo(own, 0);
        float scale = part.weight() * part.adapter().scale(part.pair());
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
    public void apply(float[] row, long index, int columns) {
        int factors = (int) index * rank;
        int k = 0;
        for (; k + 4 <= rank; k += 4) {
            add4(row, factors + k, k, columns);
        }
        for (; k < rank; k++) {
            add1(row, b[factors + k], a[k], columns);
        }
    }

    /** One index for all arrays, because only then the loop becomes vector instructions. */
    private void add4(float[] row, int factors, int k, int columns) {
        float b0 = b[factors];
        float b1 = b[factors + 1];
        float b2 = b[factors + 2];
        float b3 = b[factors + 3];
        float[] a0 = a[k];
        float[] a1 = a[k + 1];
        float[] a2 = a[k + 2];
        float[] a3 = a[k + 3];
        for (int i = 0; i < columns; i++) {
            row[i] += b0 * a0[i] + b1 * a1[i] + b2 * a2[i] + b3 * a3[i];
        }
    }

    private static void add1(float[] row, float factor, float[] a, int columns) {
        for (int i = 0; i < columns; i++) {
            row[i] += factor * a[i];
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
                    sum += (double) a[i][column] * a[j][column];
                }
                inner[i * rank + j] = sum;
                inner[j * rank + i] = sum;
            }
        }
        return inner;
    }
}
