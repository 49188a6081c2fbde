package io.lethean.lem.spark;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * What a driver tells its user while it runs.
 *
 * @param user receives sentences, on any thread
 * @param first how long no executor runs anything before that is told
 * @param again how long after that until it is told again
 */
record Notices(Consumer<String> user, Duration first, Duration again) {

    static Notices to(Consumer<String> user) {
        return new Notices(user, Duration.ofMinutes(1), Duration.ofMinutes(5));
    }
}
