package io.lethean.lem.model;

import io.lethean.lem.NativeCallException;
import io.lethean.lem.internal.llama.MemoryUse;
import java.util.Optional;

/**
 * What a plan would take, by llama.cpp's own accounting, before anything is allocated for it.
 *
 * <p>Even accounting takes memory for each token of the context, so a large one is extrapolated from two smaller ones:
 * past the windows that some layers are limited to, every part grows in proportion to the context, and to the number of
 * sequences.
 */
final class MemoryEstimator {

    private static final int LARGEST_COMPUTED = 1 << 16;
    private static final int FEW_SEQUENCES = 3;
    private static final int SMALLER = 1 << 15;

    /** llama.cpp's records of what is where in the cache, per token, in addition to the cache; read in its source, rounded up. */
    static final long RECORD_BYTES_PER_TOKEN = 256;

    private MemoryEstimator() {}

    /** The estimate; empty where llama.cpp refuses the model or the context, which loading will then explain. */
    static Optional<MemoryUse> estimate(LoadPlan plan) {
        try {
            return Optional.of(compute(plan));
        } catch (NativeCallException refused) {
            return Optional.empty();
        }
    }

    private static MemoryUse compute(LoadPlan plan) {
        int sequences = plan.sequences();
        if (sequences <= FEW_SEQUENCES || (long) sequences * plan.contextTokens() <= LARGEST_COMPUTED) {
            return ofFewSequences(plan);
        }
        LoadPlan fewer = plan.withParallel(FEW_SEQUENCES - 1);
        MemoryUse one = ofFewSequences(plan.withParallel(1));
        return ofFewSequences(fewer).plus(one, (double) (sequences - FEW_SEQUENCES) / (FEW_SEQUENCES - 1));
    }

    private static MemoryUse ofFewSequences(LoadPlan plan) {
        if (plan.contextTokens() <= LARGEST_COMPUTED) {
            return exact(plan);
        }
        MemoryUse smaller = exact(plan.withContextTokens(SMALLER));
        MemoryUse larger = exact(plan.withContextTokens(LARGEST_COMPUTED));
        double steps = (double) (plan.contextTokens() - LARGEST_COMPUTED) / (LARGEST_COMPUTED - SMALLER);
        return larger.plus(smaller, steps);
    }

    private static MemoryUse exact(LoadPlan plan) {
        return MemoryUse.estimate(plan.modelParameters(), plan.contextParameters());
    }
}
