package io.lethean.lem.evaluation.judge;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A real HTTP server on the loopback address that answers each request as it was told to, the last way for ever. */
final class FlakyServer implements AutoCloseable {

    /** How to answer one request. */
    interface Behaviour {
        void answer(HttpExchange exchange) throws IOException, InterruptedException;
    }

    /** What was asked. */
    record Request(String path, String body, String key, String authorization, long nanos) {}

    /** Longer than any test waits for a server that stalls; the server's end interrupts it. */
    static final Duration STALL = Duration.ofSeconds(20);

    final List<Request> requests = new CopyOnWriteArrayList<>();

    private final Queue<Behaviour> script = new ArrayDeque<>();
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    FlakyServer(Behaviour... behaviours) throws IOException {
        script.addAll(List.of(behaviours));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    private void handle(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        var headers = exchange.getRequestHeaders();
        requests.add(new Request(
                exchange.getRequestURI().toString(),
                body,
                headers.getFirst("x-goog-api-key"),
                headers.getFirst("Authorization"),
                System.nanoTime()));
        try {
            next().answer(exchange);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            exchange.close();
        }
    }

    private synchronized Behaviour next() {
        return script.size() > 1 ? script.remove() : script.element();
    }

    static Behaviour status(int status, String body) {
        return exchange -> send(exchange, status, body);
    }

    static Behaviour text(String reply) {
        return status(200, "{\"choices\": [{\"message\": {\"content\": " + quote(reply) + "}}]}");
    }

    static Behaviour gemini(String reply) {
        return status(
                200,
                "{\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"hm\", \"thought\": true}, " + "{\"text\": "
                        + quote(reply) + "}]}, \"finishReason\": \"STOP\"}]}");
    }

    static String quote(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }

    /** Promises more bytes than it sends. */
    static Behaviour truncated() {
        return exchange -> {
            exchange.sendResponseHeaders(200, 500);
            exchange.getResponseBody().write("{\"choices\": [{\"mess".getBytes(StandardCharsets.UTF_8));
        };
    }

    /** Sends the headers at once and no body for {@link #STALL}. */
    static Behaviour stalling() {
        return exchange -> {
            exchange.sendResponseHeaders(200, 500);
            exchange.getResponseBody().flush();
            Thread.sleep(STALL);
        };
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        if (status == 429) {
            exchange.getResponseHeaders().add("Retry-After", "0");
        }
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    String address() {
        return "http://" + server.getAddress().getHostString() + ":"
                + server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
