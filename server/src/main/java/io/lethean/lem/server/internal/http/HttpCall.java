package io.lethean.lem.server.internal.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A request and its response. Confined to the request's thread. */
public final class HttpCall {

    private static final String JSON = "application/json";

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .build();

    /** What is read and thrown away of a body that is refused, so that the client reads the refusal. */
    private static final int MAX_DISCARDED = 64 << 20;

    private final HttpExchange exchange;
    private final Limits limits;
    private final Watchdog watchdog;
    private int status;

    HttpCall(HttpExchange exchange, Limits limits, Watchdog watchdog) {
        this.exchange = exchange;
        this.limits = limits;
        this.watchdog = watchdog;
    }

    /** The path, decoded. */
    public String path() {
        String path = exchange.getRequestURI().getPath();
        return path == null ? "" : path;
    }

    public String method() {
        return exchange.getRequestMethod();
    }

    Headers headers() {
        return exchange.getRequestHeaders();
    }

    Headers responseHeaders() {
        return exchange.getResponseHeaders();
    }

    /** The status that was sent; 0 before. */
    int status() {
        return status;
    }

    boolean hasBegunToAnswer() {
        return status != 0;
    }

    /**
     * The body, a JSON object.
     *
     * @throws ApiError if it is too large, not JSON, or not an object
     * @throws IOException if the client does not send it
     */
    public Params json() throws IOException {
        byte[] body = body();
        if (body.length == 0) {
            throw ApiError.invalid(null, "The request has no body; send a JSON object.");
        }
        try {
            JsonNode node = MAPPER.readTree(body);
            if (node instanceof ObjectNode object) {
                return new Params(object);
            }
        } catch (JacksonException malformed) {
            throw ApiError.invalid(null, "invalid_json", "The body is not valid JSON" + place(malformed) + ".");
        }
        throw ApiError.invalid(null, "The body must be a JSON object.");
    }

    private static String place(JacksonException malformed) {
        var location = malformed.getLocation();
        return location == null || location.getLineNr() < 1
                ? ""
                : " at line " + location.getLineNr() + ", column " + location.getColumnNr();
    }

    private byte[] body() throws IOException {
        String length = exchange.getRequestHeaders().getFirst("Content-Length");
        if (length != null && Long.parseLong(length) > limits.bodyBytes()) {
            throw tooLarge();
        }
        byte[] body;
        try (Watchdog.Watch _ = watchdog.within(limits.bodyTime())) {
            body = exchange.getRequestBody().readNBytes((int) limits.bodyBytes() + 1);
        }
        if (body.length > limits.bodyBytes()) {
            throw tooLarge();
        }
        return body;
    }

    private ApiError tooLarge() {
        return ApiError.refused(
                413, "body_too_large", "The body is larger than the limit of " + limits.bodyBytes() + " bytes.");
    }

    /** Answers with a JSON body. */
    public void respond(JsonNode body) throws IOException {
        respond(200, JSON, MAPPER.writeValueAsBytes(body));
    }

    /** Answers with a text. */
    public void respond(String contentType, String text) throws IOException {
        respond(200, contentType, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Answers without a body. */
    void respondEmpty(int code) throws IOException {
        begin(code, -1);
    }

    /** Tells the client what is wrong. */
    void refuse(ApiError error) throws IOException {
        error.headers().forEach(exchange.getResponseHeaders()::set);
        respond(error.status(), JSON, MAPPER.writeValueAsBytes(error.json()));
    }

    private void respond(int code, String contentType, byte[] body) throws IOException {
        if (hasBegunToAnswer()) {
            write(body);
        } else {
            exchange.getResponseHeaders().set("Content-Type", contentType);
            begin(code, exchange.getRequestMethod().equals("HEAD") ? -1 : body.length);
            if (!exchange.getRequestMethod().equals("HEAD")) {
                write(body);
            }
        }
    }

    /**
     * Sends a line break that JSON allows before its value. It fails if the client is gone, which is how that is noticed. The
     * status is 200 from then on.
     */
    public void keepAlive() throws IOException {
        if (!hasBegunToAnswer()) {
            exchange.getResponseHeaders().set("Content-Type", JSON);
            begin(200, 0);
        }
        write(new byte[] {'\n'});
    }

    /** Begins a stream of events. */
    public EventStream events() {
        return new EventStream(this);
    }

    void beginEvents() throws IOException {
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", "text/event-stream; charset=utf-8");
        headers.set("Cache-Control", "no-cache");
        headers.set("X-Accel-Buffering", "no");
        begin(200, 0);
    }

    private void begin(int code, long length) throws IOException {
        status = code;
        try (Watchdog.Watch _ = watchdog.within(limits.writeTime())) {
            exchange.sendResponseHeaders(code, length);
        }
    }

    void write(byte[] bytes) throws IOException {
        try (Watchdog.Watch _ = watchdog.within(limits.writeTime())) {
            OutputStream out = exchange.getResponseBody();
            out.write(bytes);
            out.flush();
        }
    }

    static byte[] bytes(JsonNode node) {
        return MAPPER.writeValueAsBytes(node);
    }

    /** Ends the exchange, after what the client still sends was thrown away. */
    void end() throws IOException {
        try (Watchdog.Watch _ = watchdog.within(limits.discardTime())) {
            discard(exchange.getRequestBody());
            exchange.getResponseBody().close();
        } finally {
            exchange.close();
        }
    }

    private static void discard(InputStream body) throws IOException {
        byte[] buffer = new byte[1 << 14];
        int discarded = 0;
        for (int count = 0; count >= 0 && discarded < MAX_DISCARDED; count = body.read(buffer)) {
            discarded += count;
        }
    }
}
