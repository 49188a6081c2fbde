package io.lethean.lem.model;

import java.time.Duration;

/**
 * How long the two phases of a generation took.
 *
 * @param prompt evaluating the prompt
 * @param generation from the end of the prompt to the last token, sampling included
 */
public record Timings(Duration prompt, Duration generation) {

    /** Both phases together. */
    public Duration total() {
        return prompt.plus(generation);
    }
}
