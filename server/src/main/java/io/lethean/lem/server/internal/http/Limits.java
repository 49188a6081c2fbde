package io.lethean.lem.server.internal.http;

import java.time.Duration;

/**
 * Limits on requests and connections.
 *
 * @param bodyBytes the largest body, at most 1 GiB
 * @param headerTime the time in which a header must arrive
 * @param bodyTime the time in which a body must arrive
 * @param writeTime the time in which a client must receive a piece of an answer
 * @param requests requests that are served at a time
 */
public record Limits(long bodyBytes, Duration headerTime, Duration bodyTime, Duration writeTime, int requests) {

    /** How long the rest of a refused body is read, so that the client reads the refusal. */
    Duration discardTime() {
        return Duration.ofSeconds(2);
    }

    /** Connections with a request at a time: more than requests, so that those too many are told. */
    int connections() {
        return 2 * requests + 16;
    }
}
