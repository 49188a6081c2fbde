package io.lethean.lem.model;

import java.time.Duration;
import java.util.Optional;

/**
 * How long the phases of a generation took.
 *
 * @param waiting from the call until the prompt was begun, while the model answered other requests, those of the same call
 *     included
 * @param prompt evaluating the prompt
 * @param generation from the end of the prompt to the last token, sampling included
 * @param firstToken from the call until the first token was chosen, waiting and prompt included; empty if no token was
 *     chosen. A token that ends the turn counts
 */
public record Timings(Duration waiting, Duration prompt, Duration generation, Optional<Duration> firstToken) {

    /** A generation that was not begun. */
    static final Timings NONE = new Timings(Duration.ZERO, Duration.ZERO, Duration.ZERO, Optional.empty());

    /** {@return prompt and generation together, without the waiting} */
    public Duration total() {
        return prompt.plus(generation);
    }
}
