package io.lethean.lem.evaluation.stats;

import java.util.Arrays;
import java.util.Comparator;

/** Corrects several p-values of one question for their number, by the step-down method of S. Holm (1979). */
public final class Holm {

    private Holm() {}

    /**
     * {@return the corrected p-values in the order of the given ones; each may be compared with the usual threshold}
     *
     * @param pValues the p-values of one family of tests
     */
    public static double[] adjust(double... pValues) {
        int n = pValues.length;
        Integer[] order = new Integer[n];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparingDouble(i -> pValues[i]));
        double[] adjusted = new double[n];
        double running = 0;
        for (int rank = 0; rank < n; rank++) {
            running = Math.max(running, Math.min(1, (n - rank) * pValues[order[rank]]));
            adjusted[order[rank]] = running;
        }
        return adjusted;
    }
}
