package io.lethean.lem.server.internal.http;

import java.io.IOException;

/** Answers requests to one path. */
@FunctionalInterface
public interface Endpoint {

    /**
     * Answers a request.
     *
     * @throws ApiError if it is refused
     * @throws IOException if the client is gone
     */
    void handle(HttpCall call) throws IOException;
}
