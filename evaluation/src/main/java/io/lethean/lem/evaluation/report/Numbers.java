package io.lethean.lem.evaluation.report;

import io.lethean.lem.evaluation.stats.Interval;
import io.lethean.lem.internal.io.PythonRounding;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/** Numbers as reports print them; what is not there is an en dash, never a zero. */
final class Numbers {

    static final String NONE = "\u2013";

    private Numbers() {}

    /** Rounded as published numbers are, from the exact binary value; a formatter would round its decimal form. */
    static String two(double value) {
        return String.format(Locale.ROOT, "%.2f", rounded(value));
    }

    private static double rounded(double value) {
        double two = PythonRounding.round(value, 2);
        return two == 0 ? 0.0 : two;
    }

    static String two(OptionalDouble value) {
        return value.isPresent() ? two(value.getAsDouble()) : NONE;
    }

    /** Whole numbers without decimals. */
    static String plain(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15 ? Long.toString((long) value) : two(value);
    }

    static String signed(double value) {
        return String.format(Locale.ROOT, "%+.2f", rounded(value));
    }

    static String signed(OptionalDouble value) {
        return value.isPresent() ? signed(value.getAsDouble()) : NONE;
    }

    /** A whole number with commas between groups of three digits. */
    static String grouped(int value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    static String interval(Optional<Interval> interval) {
        return interval.map(i -> "[" + two(i.low()) + ", " + two(i.high()) + "]")
                .orElse(NONE);
    }

    /** Three decimals, and below that only that it is below. */
    static String p(double value) {
        return value < 0.001 ? "<0.001" : String.format(Locale.ROOT, "%.3f", value);
    }
}
