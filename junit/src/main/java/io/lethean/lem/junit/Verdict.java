package io.lethean.lem.junit;

import io.lethean.lem.evaluation.stats.Interval;
import io.lethean.lem.evaluation.stats.PairedComparison;
import java.util.Optional;

/** What a paired comparison says about the answers of a test. */
enum Verdict {
    /** The interval of the mean difference is below zero as a whole. */
    WORSE,
    /** The interval is above zero as a whole. */
    BETTER,
    /** The interval contains zero. */
    NO_DIFFERENCE,
    /** There are fewer pairs than the test wants, or no interval. */
    TOO_FEW_PAIRS;

    /** The verdict on differences, this run minus the recorded one. */
    static Verdict of(PairedComparison comparison, int minPairs) {
        Optional<Interval> interval = comparison.interval();
        if (comparison.differences().size() < minPairs || interval.isEmpty()) {
            return TOO_FEW_PAIRS;
        }
        if (interval.get().contains(0)) {
            return NO_DIFFERENCE;
        }
        return interval.get().high() < 0 ? WORSE : BETTER;
    }
}
