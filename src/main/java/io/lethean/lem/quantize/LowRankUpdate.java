package io.lethean.lem.quantize;

import io.lethean.lem.adapter.Adapter;
import io.lethean.lem.adapter.Factor;
import io.lethean.lem.adapter.LoraPair;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.function.DoubleSupplier;

/**
 * Adds {@code scale * B * A} to a tensor's rows, several adapters stacked to one update of their ranks' sum.
 *
 * <p>The rows of experts follow each other, and each expert has its own B and A.
 *
 * <p>An adapter of DoRA changes a row w to {@code magnitude * v / |v|} with {@code v = w + scale * B * A}; its update is
 * the difference to w. The norm is computed in double precision.
 *
 * <p>The factors of one tensor are in memory, no product of them ever is. Loaded by one thread between tensors,
 * applied by several.
 */
final class LowRankUpdate implements RowChange {

    /** Of one expert. */
    private int rank;

    private int experts = 1;
    private int plainRank;
    private int columns;
    private int rows;
    private float[][] a = new float[0][];
    private float[] b = new float[0];
    private float[] own = new float[0];
    private List<Scaled> scaled = List.of();
    private DoubleAdder squares = new DoubleAdder();

    /**
     * A DoRA update among those that are stacked.
     *
     * @param first its first row in the stack
     * @param weight what its update is multiplied by
     */
    private record Scaled(int first, int rank, float weight, float[] magnitude) {}

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
        experts = parts.getFirst().pair().experts();
        rows = experts * parts.getFirst().pair().outputs();
        b = room(b, Math.multiplyExact(rank, rows));
        makeRoomForA();
        int first = 0;
        List<Scaled> withMagnitude = new ArrayList<>();
        // Plain updates come first in the stack.
        for (Part part :
                parts.stream().filter(each -> !each.pair().hasMagnitude()).toList()) {
            stack(part, first, part.weight());
            first += part.pair().rank();
        }
        plainRank = first;
        for (Part part : parts) {
            Factor magnitude = part.pair().magnitude();
            if (magnitude != null) {
                stack(part, first, 1);
                withMagnitude.add(new Scaled(first, part.pair().rank(), part.weight(), magnitude.values()));
                first += part.pair().rank();
            }
        }
        scaled = List.copyOf(withMagnitude);
        squares = new DoubleAdder();
    }

    private void stack(Part part, int first, float weight) {
        stackA(part, first);
        stackB(part, first, weight);
    }

    private void makeRoomForA() {
        int all = experts * rank;
        if (a.length < all) {
            a = Arrays.copyOf(a, all);
        }
        for (int k = 0; k < all; k++) {
            a[k] = a[k] == null ? new float[columns] : room(a[k], columns);
        }
    }

    private void stackA(Part part, int first) {
        int ownRank = part.pair().rank();
        own = room(own, Math.multiplyExact(experts * ownRank, columns));
        part.pair().a().copyTo(own, 0);
        for (int k = 0; k < experts * ownRank; k++) {
            System.arraycopy(own, k * columns, a[k / ownRank * rank + first + k % ownRank], 0, columns);
        }
    }

    private void stackB(Part part, int first, float weight) {
        int ownRank = part.pair().rank();
        own = room(own, rows * ownRank);
        part.pair().b().copyTo(own, 0);
        float scale = weight * part.adapter().scale(part.pair());
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
        if (scaled.isEmpty()) {
            add(row, index, 0, rank, columns);
            return;
        }
        float[] base = Arrays.copyOf(row, columns);
        add(row, index, 0, plainRank, columns);
        for (Scaled each : scaled) {
            applyScaled(each, row, base, index, columns);
        }
        double square = 0;
        for (int i = 0; i < columns; i++) {
            double change = (double) row[i] - base[i];
            square += change * change;
        }
        squares.add(square);
    }

    private void applyScaled(Scaled update, float[] row, float[] base, long index, int columns) {
        float[] v = base.clone();
        add(v, index, update.first(), update.rank(), columns);
        double square = 0;
        for (int i = 0; i < columns; i++) {
            square += (double) v[i] * v[i];
        }
        double gain = square == 0 ? 0 : update.magnitude()[(int) index] / Math.sqrt(square);
        boolean alone = scaled.size() == 1 && plainRank == 0 && update.weight() == 1;
        for (int i = 0; i < columns; i++) {
            row[i] = alone ? (float) (gain * v[i]) : (float) (row[i] + update.weight() * (gain * v[i] - base[i]));
        }
    }

    /** Adds the product of some columns of B with these rows of A. */
    private void add(float[] row, long index, int first, int count, int columns) {
        int factors = (int) index * rank;
        int expert = (int) index / (rows / experts) * rank;
        int k = first;
        for (; k + 4 <= first + count; k += 4) {
            add4(row, factors + k, expert + k, columns);
        }
        for (; k < first + count; k++) {
            add1(row, b[factors + k], a[expert + k], columns);
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

    /**
     * The sum of the update's squares, from the inner products of A's rows: b' (A A') b for each row b of B. With DoRA it
     * is known only when all rows have been changed.
     *
     * @return the root of that sum, for this tensor also after the next one was loaded
     */
    DoubleSupplier norm() {
        if (scaled.isEmpty()) {
            double norm = Math.sqrt(squaredNorm());
            return () -> norm;
        }
        DoubleAdder own = squares;
        return () -> Math.sqrt(own.sum());
    }

    private double squaredNorm() {
        double sum = 0;
        for (int expert = 0; expert < experts; expert++) {
            sum += squaredNorm(expert);
        }
        return sum;
    }

    private double squaredNorm(int expert) {
        double[] inner = innerProducts(expert * rank);
        double sum = 0;
        int each = rows / experts * rank;
        for (int row = expert * each; row < (expert + 1) * each; row += rank) {
            for (int i = 0; i < rank; i++) {
                for (int j = 0; j < rank; j++) {
                    sum += (double) b[row + i] * b[row + j] * inner[i * rank + j];
                }
            }
        }
        return sum;
    }

    private double[] innerProducts(int first) {
        double[] inner = new double[rank * rank];
        for (int i = 0; i < rank; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = 0;
                for (int column = 0; column < columns; column++) {
                    sum += (double) a[first + i][column] * a[first + j][column];
                }
                inner[i * rank + j] = sum;
                inner[j * rank + i] = sum;
            }
        }
        return inner;
    }
}
