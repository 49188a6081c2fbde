package io.lethean.lem.server.internal.api;

import io.lethean.lem.server.internal.http.ApiError;
import io.lethean.lem.server.internal.http.Params;
import java.util.Optional;

/**
 * Whether the answer is streamed.
 *
 * @param stream whether it is
 * @param usage whether a last event has the tokens
 */
record StreamOptions(boolean stream, boolean usage) {

    static StreamOptions read(Params request) {
        boolean stream = request.flag("stream").orElse(false);
        Optional<Params> given = request.object("stream_options");
        if (given.isEmpty()) {
            return new StreamOptions(stream, false);
        }
        if (!stream) {
            throw ApiError.invalid("stream_options", "stream_options is for requests with stream true.");
        }
        Params options = given.get();
        // Padding against eavesdroppers on a network; this server does not add it.
        options.ignore("include_obfuscation");
        boolean usage = options.flag("include_usage").orElse(false);
        options.refuseOthers();
        return new StreamOptions(stream, usage);
    }
}
