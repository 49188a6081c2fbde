package io.lethean.lem.server;

import io.lethean.lem.Fixtures;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A model that is served on the loopback device, and a client of it. */
final class RunningServer implements AutoCloseable {

    static final JsonMapper JSON = JsonMapper.shared();

    private final LemModel model;
    private final LemServer server;
    private final HttpClient client = HttpClient.newHttpClient();

    private RunningServer(LemModel model, LemServer server) {
        this.model = model;
        this.server = server;
    }

    /** The small model that writes stories; it has no chat template. */
    static RunningServer stories(UnaryOperator<ServerOptions.Builder> options) throws IOException {
        return start(Fixtures.require("models/stories260K-f32.gguf"), options);
    }

    static RunningServer stories() throws IOException {
        return stories(options -> options);
    }

    /** The model of the project, which has a chat template. */
    static RunningServer nano(UnaryOperator<ServerOptions.Builder> options) throws IOException {
        return start(Path.of("models/lem-nano.gguf"), options);
    }

    static RunningServer start(Path file, UnaryOperator<ServerOptions.Builder> options) throws IOException {
        return start(file, ModelOptions.builder().parallel(2).threads(1).build(), options);
    }

    static RunningServer start(Path file, ModelOptions modelOptions, UnaryOperator<ServerOptions.Builder> options)
            throws IOException {
        LemModel model = LemModel.load(file, modelOptions);
        ServerOptions.Builder builder =
                ServerOptions.builder().port(0).grace(Duration.ofMillis(200)).modelName("m");
        return new RunningServer(
                model, LemServer.start(model, options.apply(builder).build()));
    }

    LemModel model() {
        return model;
    }

    LemServer server() {
        return server;
    }

    /**
     * A response.
     *
     * @param headers its header fields
     */
    record Reply(int status, String body, HttpResponse<?> headers) {

        JsonNode json() {
            return JSON.readTree(body);
        }

        /** The message of the error. */
        String error() {
            return json().get("error").get("message").stringValue();
        }

        String header(String name) {
            return headers.headers().firstValue(name).orElse("");
        }

        /** The data of each event of a stream. */
        List<String> events() {
            List<String> events = new ArrayList<>();
            for (String event : body.split("\n\n")) {
                if (event.startsWith("data: ")) {
                    events.add(event.substring("data: ".length()));
                }
            }
            return events;
        }

        /** The events as JSON, without the last one, {@code [DONE]}. */
        List<JsonNode> chunks() {
            List<String> events = events();
            if (!events.getLast().equals("[DONE]")) {
                throw new AssertionError("The stream ended with " + events.getLast());
            }
            return events.subList(0, events.size() - 1).stream()
                    .map(JSON::readTree)
                    .toList();
        }
    }

    URI uri(String path) {
        return server.uri().resolve(path);
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(uri(path)).timeout(Duration.ofSeconds(60));
    }

    HttpClient client() {
        return client;
    }

    Reply send(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        return new Reply(response.statusCode(), response.body(), response);
    }

    Reply get(String path) throws IOException, InterruptedException {
        return send(request(path).GET().build());
    }

    /** Posts JSON in which {@code '} stands for {@code "}. */
    Reply post(String path, String json) throws IOException, InterruptedException {
        return postExactly(path, json.replace('\'', '"'));
    }

    Reply postExactly(String path, String json) throws IOException, InterruptedException {
        return send(request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .build());
    }

    /** Sends bytes as they are and returns all that comes back until the server closes or falls silent. */
    String raw(String request) throws IOException {
        try (Socket socket = new Socket(server.uri().getHost(), server.uri().getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            socket.shutdownOutput();
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            InputStream in = socket.getInputStream();
            in.transferTo(all);
            return all.toString(StandardCharsets.UTF_8);
        }
    }

    /** Waits until the model has nothing to do and every request before is counted, as the metrics say. */
    void awaitIdle() throws IOException, InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        // The request for the metrics itself is open.
        while (metric("lem_answers_running") + metric("lem_answers_waiting") > 0
                || metric("lem_http_requests_open") > 1) {
            if (System.nanoTime() > end) {
                throw new AssertionError("The server is busy after 20 seconds.");
            }
            Thread.sleep(20);
        }
    }

    /** The value of a metric, such as {@code lem_http_requests_total{endpoint="/health",status="200"}}; 0 without one. */
    long metric(String name) throws IOException, InterruptedException {
        for (String line : get("/metrics").body().split("\n")) {
            if (line.startsWith(name + " ")) {
                return Math.round(Double.parseDouble(line.substring(name.length() + 1)));
            }
        }
        return 0;
    }

    @Override
    public void close() {
        server.close();
        model.close();
    }
}
