package io.lethean.lem.server.internal.http;

import com.sun.net.httpserver.Headers;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Who may ask. A browser that a foreign page controls is told by its {@code Host} and {@code Origin}, a client without the
 * key by its {@code Authorization}.
 */
public final class AccessRules {

    private static final String BEARER = "Bearer ";

    private final boolean loopback;
    private final Set<String> hosts;
    private final List<String> origins;
    private final byte @Nullable [] keyHash;

    /**
     * @param loopback whether the server is bound to a loopback address, where only the names of this machine are served
     * @param hosts more names that a {@code Host} header may have; if the server is bound elsewhere and this is empty, any
     * @param origins origins of pages that may ask
     * @param key what clients must send; empty if the server asks for nothing
     */
    public AccessRules(boolean loopback, List<String> hosts, List<String> origins, Optional<String> key) {
        this.loopback = loopback;
        this.hosts = new TreeSet<>(
                hosts.stream().map(host -> host.toLowerCase(Locale.ROOT)).toList());
        this.origins = List.copyOf(origins);
        this.keyHash = key.map(AccessRules::hash).orElse(null);
    }

    private static byte[] hash(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This JDK has no SHA-256.", e);
        }
    }

    /**
     * Refuses a request that came under a foreign name or from a foreign page.
     *
     * @throws ApiError with status 403
     */
    void requireOwnNames(Headers headers) {
        List<String> given = headers.getOrDefault("Host", List.of());
        if (given.size() != 1 || !isServed(name(given.getFirst()))) {
            throw ApiError.refused(
                    403,
                    "host_not_allowed",
                    "The Host header does not name this server. Use its address, or start it with this name allowed.");
        }
        for (String origin : headers.getOrDefault("Origin", List.of())) {
            if (!origins.contains(origin)) {
                throw ApiError.refused(
                        403,
                        "origin_not_allowed",
                        "Web pages of this origin may not use the server. Start it with this origin allowed.");
            }
        }
    }

    private boolean isServed(String name) {
        if (hosts.contains(name)) {
            return true;
        }
        return loopback ? name.equals("localhost") || isLoopbackLiteral(name) : hosts.isEmpty();
    }

    /** The name in a {@code Host} header, without the port. */
    private static String name(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        int end = lower.startsWith("[") ? lower.indexOf(']') + 1 : lower.indexOf(':');
        String name = end > 0 ? lower.substring(0, end) : lower;
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    private static boolean isLoopbackLiteral(String name) {
        boolean literal = name.startsWith("[") || name.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
        try {
            // A literal is not looked up.
            return literal && InetAddress.getByName(name).isLoopbackAddress();
        } catch (UnknownHostException notAnAddress) {
            return false;
        }
    }

    /** Lets a page of an allowed origin read the response. */
    void allowPage(Headers request, Headers response) {
        String origin = request.getFirst("Origin");
        if (origin != null && origins.contains(origin)) {
            response.set("Access-Control-Allow-Origin", origin);
            response.set("Vary", "Origin");
            response.set("Access-Control-Expose-Headers", "Retry-After");
        }
    }

    /** What a browser may send for a page of an allowed origin. */
    static void allowHeaders(Headers request, Headers response) {
        String asked = request.getFirst("Access-Control-Request-Headers");
        response.set("Access-Control-Allow-Methods", "GET, POST");
        boolean plain = asked != null && asked.matches("[A-Za-z0-9, _-]{1,1000}");
        response.set("Access-Control-Allow-Headers", plain ? asked : "Authorization, Content-Type");
        response.set("Access-Control-Max-Age", "600");
    }

    /**
     * Refuses a request without the key.
     *
     * @throws ApiError with status 401
     */
    void requireKey(Headers headers) {
        byte[] expected = keyHash;
        if (expected == null) {
            return;
        }
        String given = headers.getFirst("Authorization");
        boolean bearer = given != null && given.regionMatches(true, 0, BEARER, 0, BEARER.length());
        String key = bearer ? given.substring(BEARER.length()).strip() : "";
        if (!MessageDigest.isEqual(hash(key), expected)) {
            throw new ApiError(
                            401,
                            "invalid_request_error",
                            null,
                            "invalid_api_key",
                            bearer
                                    ? "The API key is wrong."
                                    : "The server asks for an API key: send the header 'Authorization: Bearer KEY'.")
                    .with("WWW-Authenticate", "Bearer");
        }
    }
}
