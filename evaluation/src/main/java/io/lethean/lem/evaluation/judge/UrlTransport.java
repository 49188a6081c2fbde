package io.lethean.lem.evaluation.judge;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests by {@link HttpURLConnection}, for hosts that {@link java.net.http.HttpClient} refuses: names with an
 * underscore, as container networks have them.
 */
final class UrlTransport implements HttpTransport {

    private final URI address;

    UrlTransport(URI address) {
        this.address = address;
    }

    @Override
    public Response post(Map<String, String> headers, String body, Duration timeout)
            throws IOException, InterruptedException, TimeoutException {
        HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection();
        FutureTask<Response> exchange = new FutureTask<>(() -> exchange(connection, headers, body, timeout));
        Thread.ofVirtual().start(exchange);
        try {
            return exchange.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw failure(e.getCause());
        } finally {
            exchange.cancel(true);
        }
    }

    private static Response exchange(
            HttpURLConnection connection, Map<String, String> headers, String body, Duration timeout)
            throws IOException {
        int millis = Math.toIntExact(Math.clamp(timeout.toMillis(), 1, Integer.MAX_VALUE));
        connection.setConnectTimeout(millis);
        connection.setReadTimeout(millis);
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        connection.setRequestMethod("POST");
        connection.setRequestProperty("Content-Type", "application/json");
        headers.forEach(connection::setRequestProperty);
        connection.setDoOutput(true);
        try {
            try (OutputStream out = connection.getOutputStream()) {
                out.write(body.getBytes(StandardCharsets.UTF_8));
            }
            int status = connection.getResponseCode();
            return new Response(status, headers(connection), body(connection, status));
        } finally {
            connection.disconnect();
        }
    }

    private static String body(HttpURLConnection connection, int status) throws IOException {
        try (InputStream in = status >= 400 ? connection.getErrorStream() : connection.getInputStream()) {
            byte[] bytes = in == null ? new byte[0] : in.readNBytes((int) LONGEST_BODY + 1);
            if (bytes.length > LONGEST_BODY) {
                throw new IOException("the response is longer than " + LONGEST_BODY + " bytes");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /** The status line is among the fields, under the name null. */
    private static HttpHeaders headers(HttpURLConnection connection) {
        Map<String, List<String>> named = new LinkedHashMap<>();
        connection.getHeaderFields().forEach((name, values) -> {
            if (name != null) {
                named.put(name, values);
            }
        });
        return HttpHeaders.of(named, (name, value) -> true);
    }

    private static IOException failure(@Nullable Throwable cause) {
        if (cause instanceof UnknownHostException) {
            return (IOException) new ConnectException("the host does not exist").initCause(cause);
        }
        return cause instanceof IOException failed ? failed : new IOException(cause);
    }
}
