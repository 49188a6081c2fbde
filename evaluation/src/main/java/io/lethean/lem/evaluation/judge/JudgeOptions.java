package io.lethean.lem.evaluation.judge;

import java.time.Duration;
import java.util.Locale;

/**
 * How patiently a judge is asked.
 *
 * @param attempts how often one question is put before it counts as failed, at least 1; default 4
 * @param firstWait the wait before the second attempt, doubled before each later one; default 2 s
 * @param longestWait the most that is waited, also when a server asks for more; default 60 s
 * @param timeout for one attempt, from sending to the last byte; default 60 s
 * @param interval the least time between the beginnings of two requests, over all threads; default 0.4 s
 * @param maxTokens the longest reply; default 512, as published
 * @param failuresToStop how many questions in a row may fail before the judge counts as dead; default 5
 */
public record JudgeOptions(
        int attempts,
        Duration firstWait,
        Duration longestWait,
        Duration timeout,
        Duration interval,
        int maxTokens,
        int failuresToStop) {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public JudgeOptions {
        require(attempts >= 1, "attempts", attempts);
        require(maxTokens >= 1, "maxTokens", maxTokens);
        require(failuresToStop >= 1, "failuresToStop", failuresToStop);
        require(!firstWait.isNegative() && !longestWait.isNegative(), "wait", firstWait);
        require(!interval.isNegative(), "interval", interval);
        require(timeout.isPositive(), "timeout", timeout);
    }

    private static void require(boolean holds, String name, Object value) {
        if (!holds) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "The judge's %s is %s, which is too small.", name, value));
        }
    }

    /** {@return the defaults named above} */
    public static JudgeOptions defaults() {
        Duration minute = Duration.ofSeconds(60);
        return new JudgeOptions(4, Duration.ofSeconds(2), minute, minute, Duration.ofMillis(400), 512, 5);
    }

    /**
     * {@return these options with another rate}
     *
     * @param value the shortest time between two requests
     */
    public JudgeOptions withInterval(Duration value) {
        return new JudgeOptions(attempts, firstWait, longestWait, timeout, value, maxTokens, failuresToStop);
    }

    /**
     * {@return these options with another timeout}
     *
     * @param value the longest time that a reply may take
     */
    public JudgeOptions withTimeout(Duration value) {
        return new JudgeOptions(attempts, firstWait, longestWait, value, interval, maxTokens, failuresToStop);
    }

    /**
     * {@return these options with longer or shorter replies}
     *
     * @param value tokens of a reply
     */
    public JudgeOptions withMaxTokens(int value) {
        return new JudgeOptions(attempts, firstWait, longestWait, timeout, interval, value, failuresToStop);
    }
}
