package io.lethean.lem.train;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * Which projections an adapter changes, and how strongly.
 *
 * @param rank columns of A and rows of B
 * @param scale factor of {@code B A x}; alpha / rank in the terms of the adapter file
 * @param targets the projections
 * @param firstLayer the lowest adapted layer; all above it are adapted too
 */
public record AdapterSpec(int rank, float scale, Set<Target> targets, int firstLayer) {

    public AdapterSpec {
        if (rank < 1 || !(scale > 0) || targets.isEmpty() || firstLayer < 0) {
            throw new IllegalArgumentException("An adapter needs a rank of at least 1, a positive scale, a target and a"
                    + " first layer: " + rank + ", " + scale + ", " + targets + ", " + firstLayer + ".");
        }
        // Set.copyOf has another order in every process, and the order decides which matrix gets which first numbers.
        targets = Collections.unmodifiableSet(EnumSet.copyOf(targets));
    }

    /** Every projection of every layer. */
    public static AdapterSpec everywhere(int rank, float scale) {
        return new AdapterSpec(rank, scale, EnumSet.allOf(Target.class), 0);
    }

    /** Alpha, as the adapter file stores it. */
    public float alpha() {
        return scale * rank;
    }
}
