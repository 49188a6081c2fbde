package io.lethean.lem.server.internal.http;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A request that is refused or has failed, with what the client is told. It has no stack trace. */
public final class ApiError extends RuntimeException {

    private static final long serialVersionUID = 1;

    private static final String INVALID = "invalid_request_error";

    private final int status;
    private final String type;
    private final @Nullable String param;
    private final @Nullable String code;
    private final transient Map<String, String> headers = new LinkedHashMap<>();

    /**
     * @param type OpenAI's kind of error, such as {@code invalid_request_error}
     * @param param the member of the request that is wrong
     * @param code a name that programs can compare
     */
    public ApiError(int status, String type, @Nullable String param, @Nullable String code, String message) {
        super(message, null, false, false);
        this.status = status;
        this.type = type;
        this.param = param;
        this.code = code;
    }

    /** A request that is wrong: status 400. */
    public static ApiError invalid(@Nullable String param, String message) {
        return new ApiError(400, INVALID, param, null, message);
    }

    /** A request that is wrong, with a name for programs: status 400. */
    public static ApiError invalid(@Nullable String param, String code, String message) {
        return new ApiError(400, INVALID, param, code, message);
    }

    /** A request that is refused with another status than 400. */
    public static ApiError refused(int status, String code, String message) {
        return new ApiError(status, INVALID, null, code, message);
    }

    /** Too much to do: status 429, and when to ask again. */
    public static ApiError busy(String message, int retryAfterSeconds) {
        return new ApiError(429, "rate_limit_error", null, "busy", message)
                .with("Retry-After", Integer.toString(retryAfterSeconds));
    }

    /** The server cannot serve anyone now: status 503. */
    public static ApiError unavailable(String message) {
        return new ApiError(503, "server_error", null, "unavailable", message);
    }

    /** Something that should not have happened: status 500. */
    public static ApiError internal(String message) {
        return new ApiError(500, "server_error", null, "internal_error", message);
    }

    /** Adds a header to the response. */
    public ApiError with(String header, String value) {
        headers.put(header, value);
        return this;
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    /** The member of the request that is wrong. */
    public @Nullable String param() {
        return param;
    }

    /** A name that programs can compare. */
    public @Nullable String code() {
        return code;
    }

    Map<String, String> headers() {
        return headers;
    }

    /** The sentence for the client. */
    public String sentence() {
        String message = getMessage();
        return message == null ? "The request failed." : message;
    }

    /** OpenAI's error object. */
    public ObjectNode json() {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ObjectNode error = body.putObject("error");
        error.put("message", sentence());
        error.put("type", type);
        error.put("param", param);
        error.put("code", code);
        return body;
    }
}
