package io.lethean.lem.model;

import java.util.Locale;

/** Refuses option values outside their range, with a sentence that names option, value and range. */
final class OptionRange {

    private OptionRange() {}

    static void require(boolean holds, String name, Object value, String range) {
        if (!holds) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "%s is %s and must be %s.", name, value, range));
        }
    }

    static void require(String name, int value, int least, int most) {
        require(
                value >= least && value <= most,
                name,
                value,
                String.format(Locale.ROOT, "between %d and %d", least, most));
    }
}
