package io.lethean.lem.model;

/** Refuses option values outside their range, with a sentence that names option, value and range. */
final class OptionRange {

    private OptionRange() {}

    static void require(boolean holds, String name, Object value, String range) {
        if (!holds) {
            throw new IllegalArgumentException("%s is %s and must be %s.".formatted(name, value, range));
        }
    }

    static void require(String name, int value, int least, int most) {
        require(value >= least && value <= most, name, value, "between %d and %d".formatted(least, most));
    }
}
