package io.lethean.lem.evaluation.distill;

import io.lethean.lem.evaluation.distill.Lesson.Dedup;
import io.lethean.lem.evaluation.distill.Lesson.Example;
import io.lethean.lem.evaluation.kernel.Kernel;
import java.util.Locale;
import java.util.Optional;

/**
 * How a lesson is made.
 *
 * @param dedup which examples of a probe are taken; default {@link Dedup#BEST}
 * @param validPercent the share of probes to validate with, 0 to 99; default 5
 * @param testPercent the share of probes to test with, 0 to 99; together less than 100; default 5
 * @param seed of the split; default 42, as published
 * @param leastScore examples with a lower score are left out; default negative infinity
 * @param sandwich a kernel to put before each user's first turn; default none
 * @param signature a text after the turn, only with a kernel; default empty
 */
public record LessonOptions(
        Dedup dedup,
        int validPercent,
        int testPercent,
        long seed,
        double leastScore,
        Optional<Kernel> sandwich,
        Optional<String> signature) {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public LessonOptions {
        if (validPercent < 0 || testPercent < 0 || validPercent + testPercent >= 100) {
            throw new IllegalArgumentException(String.format(
                            Locale.ROOT,
                            "Shares of %d %% for validation and %d %% for the test leave nothing to learn from;"
                                    + " they must be 0 or",
                            validPercent,
                            testPercent)
                    + " more, and less than 100 together.");
        }
        if (signature.isPresent() && sandwich.isEmpty()) {
            throw new IllegalArgumentException(
                    "A signature needs a kernel: it is the text after kernel and prompt. No kernel is given.");
        }
    }

    /** {@return the best example of each probe; 90, 5 and 5 percent, seed 42} */
    public static LessonOptions defaults() {
        return new LessonOptions(Dedup.BEST, 5, 5, 42, Double.NEGATIVE_INFINITY, Optional.empty(), Optional.empty());
    }

    /** A share of a count: at least one if the share is above 0 and one is left for the rest. */
    int share(int count, int percent) {
        return percent == 0 ? 0 : Math.min(Math.max(1, Math.round(count * percent / 100f)), Math.max(0, count - 1));
    }

    Example shaped(Example example) {
        return sandwich.map(kernel -> example.sandwich(kernel, signature)).orElse(example);
    }
}
