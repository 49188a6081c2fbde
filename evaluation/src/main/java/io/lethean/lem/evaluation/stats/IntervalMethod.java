package io.lethean.lem.evaluation.stats;

/** How the confidence interval of a mean is computed. */
public enum IntervalMethod {
    /** The expanded percentile bootstrap, see {@link Bootstrap}. */
    BOOTSTRAP("bootstrap"),
    /** Wilson's score interval of a share, see {@link Proportion}. */
    WILSON("Wilson");

    private final String label;

    IntervalMethod(String label) {
        this.label = label;
    }

    /** {@return the name in tables} */
    public String label() {
        return label;
    }
}
