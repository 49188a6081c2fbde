package io.lethean.lem.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * How a model is served. Immutable. {@link #toString()} does not show the key.
 *
 * @param host the name or address to listen on, default {@code 127.0.0.1}. Others than those of the loopback device need a key
 * @param port default {@value #DEFAULT_PORT}; 0 takes a free one
 * @param apiKey what clients must send as a bearer token, printable ASCII, at least 16 characters; default empty
 * @param allowedHosts more names that the {@code Host} header of a request may have. By default a server on the loopback device
 *     is reached by {@code localhost} and loopback addresses only, so that a foreign page cannot reach it under its own
 *     name, and another server, which has a key, by any name
 * @param allowedOrigins origins of web pages that may use the server, such as {@code https://example.org}; default empty
 * @param modelName by which clients ask for the model; by default the name of its file without {@code .gguf}
 * @param adapters files that a request may have applied to its answer, by the names under which it asks for them; default
 *     empty. Answers of other requests have the adapters of {@link io.lethean.lem.model.LemModel#setAdapters}
 * @param maxRequests requests that are served at a time, default 256; one more gets the status 429
 * @param maxBodyBytes the largest body of a request, default 16 MiB, at most 1 GiB; a larger one gets the status 413
 * @param receiveTime the time in which the header of a request must arrive, and then its body, default 30 seconds
 * @param sendTime the time in which a client must receive a piece of an answer, default 30 seconds
 * @param heartbeat the time after which a waiting client gets a sign of life, default 5 seconds; a client that has gone is noticed by it
 * @param timeLimit the longest that an answer may take, waiting included; what there is then is the answer. Default empty
 * @param grace how long {@link LemServer#close()} lets answers continue before it ends them, default 10 seconds
 */
public record ServerOptions(
        String host,
        int port,
        Optional<String> apiKey,
        List<String> allowedHosts,
        List<String> allowedOrigins,
        Optional<String> modelName,
        Map<String, Path> adapters,
        int maxRequests,
        long maxBodyBytes,
        Duration receiveTime,
        Duration sendTime,
        Duration heartbeat,
        Optional<Duration> timeLimit,
        Duration grace) {

    /** The port that the tools of the LEM family use. */
    public static final int DEFAULT_PORT = 36911;

    private static final int MAX_PORT = 65535;
    private static final int LEAST_KEY = 16;
    private static final long MAX_BODY = 1L << 30;
    private static final Duration MAX_TIME = Duration.ofDays(365);

    private static final ServerOptions DEFAULTS = new ServerOptions(
            "127.0.0.1",
            DEFAULT_PORT,
            Optional.empty(),
            List.of(),
            List.of(),
            Optional.empty(),
            Map.of(),
            256,
            16L << 20,
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            Duration.ofSeconds(5),
            Optional.empty(),
            Duration.ofSeconds(10));

    /**
     * Checks the values and copies the lists and maps.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public ServerOptions {
        Objects.requireNonNull(host, "host");
        allowedHosts = List.copyOf(allowedHosts);
        allowedOrigins = List.copyOf(allowedOrigins);
        adapters = Collections.unmodifiableMap(new LinkedHashMap<>(adapters));
        adapters.keySet().forEach(ServerOptions::requireAdapterName);
        require(port >= 0 && port <= MAX_PORT, "port is " + port + " and must be between 0 and " + MAX_PORT + ".");
        apiKey.ifPresent(ServerOptions::requireKey);
        allowedOrigins.forEach(ServerOptions::requireOrigin);
        require(modelName.filter(String::isBlank).isEmpty(), "modelName is empty; give the model a name.");
        require(maxRequests >= 1, "maxRequests is " + maxRequests + " and must be at least 1.");
        require(
                maxBodyBytes >= 1 && maxBodyBytes <= MAX_BODY,
                "maxBodyBytes is " + maxBodyBytes + " and must be between 1 and " + MAX_BODY + ".");
        requireTime("receiveTime", receiveTime);
        requireTime("sendTime", sendTime);
        requireTime("heartbeat", heartbeat);
        timeLimit.ifPresent(limit -> requireTime("timeLimit", limit));
        require(
                !grace.isNegative() && grace.compareTo(MAX_TIME) <= 0,
                "grace is " + grace + " and must be between 0 and 365 days.");
    }

    private static void require(boolean holds, String sentence) {
        if (!holds) {
            throw new IllegalArgumentException(sentence);
        }
    }

    private static void requireTime(String name, Duration time) {
        require(
                time.isPositive() && time.compareTo(MAX_TIME) <= 0,
                name + " is " + time + " and must be above 0 and at most 365 days.");
    }

    private static void requireAdapterName(String name) {
        require(
                name.matches("[A-Za-z0-9._-]{1,100}"),
                "The adapter name '" + name + "' must have 1 to 100 letters, digits, '.', '_' or '-'.");
    }

    private static void requireKey(String key) {
        require(
                key.length() >= LEAST_KEY && key.chars().allMatch(unit -> unit > ' ' && unit < 127),
                "The API key has " + key.length() + " characters. It must have at least " + LEAST_KEY
                        + ", all printable ASCII without spaces.");
    }

    private static void requireOrigin(String origin) {
        require(
                origin.matches("[a-z][a-z0-9+.-]*://[^/\\s*]+"),
                "The origin '" + origin
                        + "' must be a scheme, a name and perhaps a port, as in https://example.org:8080.");
    }

    /** {@return options of a server on the loopback device, without a key} */
    public static ServerOptions defaults() {
        return DEFAULTS;
    }

    /** {@return a builder that starts from {@link #defaults()}} */
    public static Builder builder() {
        return new Builder(DEFAULTS);
    }

    /** {@return a builder that starts from these options} */
    public Builder toBuilder() {
        return new Builder(this);
    }

    @Override
    public String toString() {
        return "ServerOptions[" + host + ":" + port + (apiKey.isPresent() ? ", with a key" : "") + "]";
    }

    /** Sets options by name; see the components of this record. */
    public static final class Builder {

        private String host;
        private int port;
        private Optional<String> apiKey;
        private List<String> allowedHosts;
        private List<String> allowedOrigins;
        private Optional<String> modelName;
        private final Map<String, Path> adapters;
        private int maxRequests;
        private long maxBodyBytes;
        private Duration receiveTime;
        private Duration sendTime;
        private Duration heartbeat;
        private Optional<Duration> timeLimit;
        private Duration grace;

        private Builder(ServerOptions from) {
            host = from.host;
            port = from.port;
            apiKey = from.apiKey;
            allowedHosts = from.allowedHosts;
            allowedOrigins = from.allowedOrigins;
            modelName = from.modelName;
            adapters = new LinkedHashMap<>(from.adapters);
            maxRequests = from.maxRequests;
            maxBodyBytes = from.maxBodyBytes;
            receiveTime = from.receiveTime;
            sendTime = from.sendTime;
            heartbeat = from.heartbeat;
            timeLimit = from.timeLimit;
            grace = from.grace;
        }

        /**
         * Sets {@link ServerOptions#host()}.
         *
         * @param value the name or address to listen on, default {@code 127.0.0.1}. Others than those of the loopback
         *     device need a key
         * @return this builder
         */
        public Builder host(String value) {
            host = value;
            return this;
        }

        /**
         * Sets {@link ServerOptions#port()}.
         *
         * @param value default {@value #DEFAULT_PORT}; 0 takes a free one
         * @return this builder
         */
        public Builder port(int value) {
            port = value;
            return this;
        }

        /**
         * Sets {@link ServerOptions#apiKey()}.
         *
         * @param value what clients must send as a bearer token, printable ASCII, at least 16 characters; default empty
         * @return this builder
         */
        public Builder apiKey(String value) {
            apiKey = Optional.of(value);
            return this;
        }

        /**
         * Sets {@link ServerOptions#allowedHosts()}.
         *
         * @param value more names that the {@code Host} header of a request may have. By default a server on the
         *     loopback device is reached by {@code localhost} and loopback addresses only, so that a foreign page
         *     cannot reach it under its own name, and another server, which has a key, by any name
         * @return this builder
         */
        public Builder allowedHosts(List<String> value) {
            allowedHosts = List.copyOf(value);
            return this;
        }

        /**
         * Sets {@link ServerOptions#allowedOrigins()}.
         *
         * @param value origins of web pages that may use the server, such as {@code https://example.org}; default empty
         * @return this builder
         */
        public Builder allowedOrigins(List<String> value) {
            allowedOrigins = List.copyOf(value);
            return this;
        }

        /**
         * Sets {@link ServerOptions#modelName()}.
         *
         * @param value by which clients ask for the model; by default the name of its file without {@code .gguf}
         * @return this builder
         */
        public Builder modelName(String value) {
            modelName = Optional.of(value);
            return this;
        }

        /**
         * Adds an adapter that requests may name.
         *
         * @param name the name by which requests ask for it
         * @param file the adapter's file or folder
         * @return this builder
         * @throws IllegalArgumentException if another adapter has this name
         */
        public Builder adapter(String name, Path file) {
            Path other = adapters.put(name, file);
            require(
                    other == null || other.equals(file),
                    "Two adapters are named '" + name + "': " + other + " and " + file
                            + ". Give each a name of its own, because requests choose by name.");
            return this;
        }

        /**
         * Sets {@link ServerOptions#maxRequests()}.
         *
         * @param value requests that are served at a time, default 256; one more gets the status 429
         * @return this builder
         */
        public Builder maxRequests(int value) {
            maxRequests = value;
            return this;
        }

        /**
         * Sets {@link ServerOptions#maxBodyBytes()}.
         *
         * @param value the largest body of a request, default 16 MiB, at most 1 GiB; a larger one gets the status 413
         * @return this builder
         */
        public Builder maxBodyBytes(long value) {
            maxBodyBytes = value;
            return this;
        }

        /**
         * Sets {@link ServerOptions#receiveTime()}.
         *
         * @param value the time in which the header of a request must arrive, and then its body, default 30 seconds
         * @return this builder
         */
        public Builder receiveTime(Duration value) {
            receiveTime = value;
            return this;
        }

        /**
         * Sets {@link ServerOptions#sendTime()}.
         *
         * @param value the time in which a client must receive a piece of an answer, default 30 seconds
         * @return this builder
         */
        public Builder sendTime(Duration value) {
            sendTime = value;
            return this;
        }

        /**
         * Sets {@link ServerOptions#heartbeat()}.
         *
         * @param value the time after which a waiting client gets a sign of life, default 5 seconds; a client that has
         *     gone is noticed by it
         * @return this builder
         */
        public Builder heartbeat(Duration value) {
            heartbeat = value;
            return this;
        }

        /**
         * Sets {@link ServerOptions#timeLimit()}.
         *
         * @param value the longest that an answer may take, waiting included; what there is then is the answer. Default
         *     empty
         * @return this builder
         */
        public Builder timeLimit(Duration value) {
            timeLimit = Optional.of(value);
            return this;
        }

        /**
         * Sets {@link ServerOptions#grace()}.
         *
         * @param value how long {@link LemServer#close()} lets answers continue before it ends them, default 10 seconds
         * @return this builder
         */
        public Builder grace(Duration value) {
            grace = value;
            return this;
        }

        /**
         * {@return the options, checked}
         *
         * @throws IllegalArgumentException naming the value that is out of its range
         */
        public ServerOptions build() {
            return new ServerOptions(
                    host,
                    port,
                    apiKey,
                    allowedHosts,
                    allowedOrigins,
                    modelName,
                    adapters,
                    maxRequests,
                    maxBodyBytes,
                    receiveTime,
                    sendTime,
                    heartbeat,
                    timeLimit,
                    grace);
        }
    }
}
