package io.lethean.lem.evaluation.judge;

import java.io.IOException;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/** Sends one request to one address. Implementations are safe for use by several threads. */
interface HttpTransport {

    /** Far beyond any reply; a service that sends without end must not fill the memory. */
    long LONGEST_BODY = 1 << 22;

    /** A response in full, of any status. */
    record Response(int status, HttpHeaders headers, String body) {}

    /**
     * Posts a JSON body.
     *
     * @param timeout from sending to the last byte
     * @throws java.net.ConnectException if the host does not exist or does not accept connections
     * @throws IOException if the connection breaks, or the response is too long
     * @throws TimeoutException if the response is not complete in time
     */
    Response post(Map<String, String> headers, String body, Duration timeout)
            throws IOException, InterruptedException, TimeoutException;
}
