package io.lethean.lem.evaluation.judge;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Sends requests by {@link HttpClient}.
 *
 * <p>Plain http is HTTP/1.1. The client's default would offer HTTP/2 by a header {@code Upgrade}; some servers lose the
 * body of such a request, and others never answer it. Over https the version is agreed on in the TLS handshake.
 */
final class ClientTransport implements HttpTransport {

    private final URI address;
    private final HttpClient client;

    ClientTransport(URI address, Duration connectTimeout) {
        this.address = address;
        HttpClient.Builder builder = HttpClient.newBuilder().connectTimeout(connectTimeout);
        if ("http".equals(address.getScheme())) {
            builder.version(HttpClient.Version.HTTP_1_1);
        }
        client = builder.build();
    }

    @Override
    public Response post(Map<String, String> headers, String body, Duration timeout)
            throws IOException, InterruptedException, TimeoutException {
        HttpRequest.Builder request = HttpRequest.newBuilder(address)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8));
        headers.forEach(request::header);
        // The client's own timeout ends with the headers; a body may then trickle in for ever.
        CompletableFuture<HttpResponse<String>> pending = client.sendAsync(
                request.build(),
                HttpResponse.BodyHandlers.limiting(
                        HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8), LONGEST_BODY));
        try {
            HttpResponse<String> response = pending.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
            return new Response(response.statusCode(), response.headers(), response.body());
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failed ? failed : new IOException(e.getCause());
        } finally {
            pending.cancel(true);
        }
    }
}
