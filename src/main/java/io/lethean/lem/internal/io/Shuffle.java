package io.lethean.lem.internal.io;

import java.util.Collections;
import java.util.List;

/**
 * A random order that follows from two numbers alone, the same with every release of Java.
 *
 * <p>The generator is SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
 */
public final class Shuffle {

    private static final long STEP = 0x9E3779B97F4A7C15L;

    private long state;

    public Shuffle(long seed, long epoch) {
        state = mixed(seed + STEP) ^ mixed(epoch * STEP + 1);
    }

    /** Every order is equally likely. */
    public void apply(List<?> list) {
        for (int last = list.size() - 1; last > 0; last--) {
            Collections.swap(list, last, below(last + 1));
        }
    }

    /** A number from 0 to {@code bound} - 1; the bias of at most bound / 2^64 is of no account. */
    private int below(int bound) {
        state += STEP;
        return (int) Math.unsignedMultiplyHigh(mixed(state), bound);
    }

    private static long mixed(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
