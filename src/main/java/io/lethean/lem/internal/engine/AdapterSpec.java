package io.lethean.lem.internal.engine;

import io.lethean.lem.train.options.FineTuneType;
import io.lethean.lem.train.options.Target;
import io.lethean.lem.train.options.TrainingOptions;
import io.lethean.lem.train.options.TuningOptions;
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
 * @param dropout the part of each update's inputs that training leaves out at random, from 0 to below 1
 * @param dora true to scale each output to a trained magnitude in addition
 */
public record AdapterSpec(int rank, float scale, Set<Target> targets, int firstLayer, double dropout, boolean dora) {

    public AdapterSpec {
        if (rank < 1 || !(scale > 0) || targets.isEmpty() || firstLayer < 0) {
            throw new IllegalArgumentException("An adapter needs a rank of at least 1, a positive scale, a target and a"
                    + " first layer: " + rank + ", " + scale + ", " + targets + ", " + firstLayer + ".");
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("The dropout must be at least 0 and below 1: " + dropout + ".");
        }
        // Set.copyOf has another order in every process, and the order decides which matrix gets which first numbers.
        targets = Collections.unmodifiableSet(EnumSet.copyOf(targets));
    }

    /** The adapted matrices of a model with this number of layers. */
    public static AdapterSpec of(TuningOptions options, int modelLayers) {
        int first = options.layers() == TrainingOptions.ALL ? 0 : Math.max(0, modelLayers - options.layers());
        return new AdapterSpec(
                options.rank(),
                options.scale(),
                options.targets(),
                first,
                options.dropout(),
                options.fineTuneType() == FineTuneType.DORA);
    }

    /** Plain LoRA. */
    public AdapterSpec(int rank, float scale, Set<Target> targets, int firstLayer, double dropout) {
        this(rank, scale, targets, firstLayer, dropout, false);
    }

    /** Plain LoRA without dropout. */
    public AdapterSpec(int rank, float scale, Set<Target> targets, int firstLayer) {
        this(rank, scale, targets, firstLayer, 0, false);
    }

    /** These matrices with a magnitude each. */
    public AdapterSpec withMagnitudes() {
        return new AdapterSpec(rank, scale, targets, firstLayer, dropout, true);
    }

    /** Every projection of every layer, but no router. */
    public static AdapterSpec everywhere(int rank, float scale) {
        return new AdapterSpec(rank, scale, Target.usual(), 0);
    }

    /** Alpha, as the adapter file stores it. */
    public float alpha() {
        return scale * rank;
    }
}
