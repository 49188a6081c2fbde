package io.lethean.lem.junit;

/** What a {@link LemTest} does if there are too few pairs to tell whether the answers are worse. */
public enum TooFewPairs {
    /** The test passes, and says so in a report entry and as a warning in the log. */
    PASS,
    /** The test is aborted. */
    ABORT,
    /** The test fails. */
    FAIL
}
