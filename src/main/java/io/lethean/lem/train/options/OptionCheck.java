package io.lethean.lem.train.options;

/** Refuses an option's value with one sentence that names the option, the value and the range. */
final class OptionCheck {

    private OptionCheck() {}

    static void requireAtLeast(String name, int value, int least) {
        require(value >= least, name, value, "at least " + least);
    }

    /** Finite and not negative. */
    static void requireRate(String name, double value) {
        require(Double.isFinite(value) && value >= 0, name, value, "a number of at least 0");
    }

    /** A count, or -1 for everything. */
    static void requireCountOrAll(String name, int value) {
        require(value == TrainingOptions.ALL || value >= 1, name, value, "at least 1, or -1 for all");
    }

    static void require(boolean holds, String name, Object value, String range) {
        if (!holds) {
            throw new IllegalArgumentException("The " + name + " is " + value + " and must be " + range + ".");
        }
    }
}
