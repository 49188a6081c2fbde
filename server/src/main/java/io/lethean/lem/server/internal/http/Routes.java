package io.lethean.lem.server.internal.http;

import java.util.LinkedHashMap;
import java.util.Map;

/** Which endpoint answers which path. */
public final class Routes {

    /**
     * An endpoint and its conditions.
     *
     * @param name its path, as metrics show it
     * @param method {@code GET} or {@code POST}
     * @param open whether it is answered without a key and while there is too much to do
     */
    record Route(String name, String method, boolean open, Endpoint endpoint) {}

    private final Map<String, Route> exact = new LinkedHashMap<>();
    private final Map<String, Route> prefixes = new LinkedHashMap<>();

    /** Adds an endpoint. */
    public Routes get(String path, Endpoint endpoint) {
        return add(new Route(path, "GET", false, endpoint));
    }

    /** Adds an endpoint that anyone may ask. */
    public Routes open(String path, Endpoint endpoint) {
        return add(new Route(path, "GET", true, endpoint));
    }

    /** Adds an endpoint. */
    public Routes post(String path, Endpoint endpoint) {
        return add(new Route(path, "POST", false, endpoint));
    }

    /** Adds an endpoint for all paths that begin so, such as {@code /v1/models/}. */
    public Routes below(String prefix, Endpoint endpoint) {
        prefixes.put(prefix, new Route(prefix + "{id}", "GET", false, endpoint));
        return this;
    }

    private Routes add(Route route) {
        exact.put(route.name(), route);
        return this;
    }

    /**
     * The route of a path.
     *
     * @throws ApiError with status 404
     */
    Route of(String path) {
        Route route = exact.get(path);
        if (route != null) {
            return route;
        }
        for (Map.Entry<String, Route> prefix : prefixes.entrySet()) {
            if (path.startsWith(prefix.getKey())
                    && path.length() > prefix.getKey().length()) {
                return prefix.getValue();
            }
        }
        throw ApiError.refused(
                404,
                "unknown_path",
                "The server does not have this path. It has " + String.join(", ", exact.keySet()) + ".");
    }
}
