package io.lethean.lem.evaluation.stats;

import java.util.Locale;

/**
 * A confidence interval.
 *
 * @param low its lower end
 * @param high its upper end, not below the lower one
 * @param level how often intervals so made hold the true value, such as 0.95
 */
public record Interval(double low, double high, double level) {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public Interval {
        if (!(low <= high)) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "An interval from %s to %s has its ends exchanged.", low, high));
        }
        requireLevel(level);
    }

    static void requireLevel(double level) {
        if (!(level > 0 && level < 1)) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "The level %s of an interval must lie between 0 and 1.", level));
        }
    }

    /**
     * {@return true if the value lies inside or on an end}
     *
     * @param value any number
     */
    public boolean contains(double value) {
        return low <= value && value <= high;
    }
}
