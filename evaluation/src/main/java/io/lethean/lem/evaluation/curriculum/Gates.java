package io.lethean.lem.evaluation.curriculum;

import java.util.Locale;
import java.util.OptionalDouble;

/**
 * What a phase must reach before the next one starts. Each is empty for no such gate.
 *
 * @param lossAtMost validation loss of the kept adapter
 * @param lossAtMostOfStart that loss divided by the one before the phase's first iteration, which is that of the adapter
 *     of the phase before on the same examples: 1 for no worse, 1.05 for 5 % worse
 * @param scoreAtLeast mean score over all probes
 * @param worstAtLeast score of the worst probe
 * @param differenceAtLeast lower end of the 95 % interval of the mean difference to the phase before, probe by probe:
 *     -1 tolerates a loss of 1 point at most, and 0 asks for a gain
 */
public record Gates(
        OptionalDouble lossAtMost,
        OptionalDouble lossAtMostOfStart,
        OptionalDouble scoreAtLeast,
        OptionalDouble worstAtLeast,
        OptionalDouble differenceAtLeast) {

    /** A phase that always passes. */
    public static final Gates NONE = new Gates(
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty());

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public Gates {
        requirePositive("validation loss", lossAtMost);
        requirePositive("validation loss divided by that at the start", lossAtMostOfStart);
        requireNumber("mean score", scoreAtLeast);
        requireNumber("worst score", worstAtLeast);
        requireNumber("difference of scores", differenceAtLeast);
    }

    private static void requirePositive(String what, OptionalDouble gate) {
        if (gate.isPresent() && !(gate.getAsDouble() > 0 && Double.isFinite(gate.getAsDouble()))) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT, "The gate for the %s is %s and must be a positive number.", what, gate.getAsDouble()));
        }
    }

    private static void requireNumber(String what, OptionalDouble gate) {
        if (gate.isPresent() && !Double.isFinite(gate.getAsDouble())) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT, "The gate for the %s is %s and must be a number.", what, gate.getAsDouble()));
        }
    }

    boolean needsLoss() {
        return lossAtMost.isPresent() || lossAtMostOfStart.isPresent();
    }

    boolean needsScores() {
        return scoreAtLeast.isPresent() || worstAtLeast.isPresent() || differenceAtLeast.isPresent();
    }
}
