package io.lethean.lem.server.internal.http;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Counts requests and tokens, and shows them in the text form of Prometheus. Safe for use by several threads. */
public final class Metrics {

    /** What the counter of requests says of itself. */
    public static final String REQUESTS = "Requests by endpoint and status; 499 is a client that has gone.";

    /** What the histogram of first tokens says of itself. */
    public static final String FIRST_TOKEN = "Time from the call to the first token, waiting included.";

    /** What the histogram of requests says of itself. */
    public static final String DURATIONS = "Time from the request to the end of the response.";

    private static final System.Logger LOG = System.getLogger("io.lethean.lem.server");
    private static final double NANOS = 1e9;

    private final Map<String, LongAdder> requests = new ConcurrentSkipListMap<>();
    private final Map<String, Histogram> durations = new ConcurrentSkipListMap<>();
    private final Histogram firstToken = new Histogram();
    private final LongAdder promptTokens = new LongAdder();
    private final LongAdder reusedTokens = new LongAdder();
    private final LongAdder generatedTokens = new LongAdder();
    private final Map<String, Gauge> gauges = new TreeMap<>();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();

    private record Gauge(String help, LongSupplier value) {}

    /** Is told what is counted, on the thread that serves the request. */
    public interface Listener {

        /** @param status the HTTP status; 499 if the client has gone before */
        void requestEnded(String endpoint, int status, Duration duration);

        /** @param time from the call to the first token, waiting included */
        void firstToken(Duration time);
    }

    /** Receives the gauges and the counters of tokens. */
    @FunctionalInterface
    public interface Visitor {
        void value(String name, String help, LongSupplier value);
    }

    /** Adds a listener for all that is counted from now on. */
    public void listen(Listener listener) {
        listeners.add(listener);
    }

    /** Values that may fall. */
    public void gauges(Visitor visitor) {
        gauges.forEach((name, gauge) -> visitor.value(name, gauge.help(), gauge.value()));
    }

    /** Tokens since the start of the server. */
    public void counters(Visitor visitor) {
        visitor.value("lem_prompt_tokens_total", "Tokens of prompts.", promptTokens::sum);
        visitor.value("lem_reused_prompt_tokens_total", "Tokens of prompts that the KV cache had.", reusedTokens::sum);
        visitor.value("lem_generated_tokens_total", "Tokens that were generated.", generatedTokens::sum);
    }

    /** Upper bounds of the classes of durations, in seconds. */
    public static double[] durationBounds() {
        return Histogram.bounds();
    }

    /** Adds a value that is asked for when metrics are shown; only before the server starts. */
    public Metrics gauge(String name, String help, LongSupplier value) {
        gauges.put(name, new Gauge(help, value));
        return this;
    }

    /** @param status the HTTP status; 499 if the client has gone before */
    void requestEnded(String endpoint, int status, Duration duration) {
        String labels = "endpoint=\"" + endpoint + "\"";
        requests.computeIfAbsent(labels + ",status=\"" + status + "\"", key -> new LongAdder())
                .increment();
        durations.computeIfAbsent(labels, key -> new Histogram()).add(duration.toNanos() / NANOS);
        tell(listener -> listener.requestEnded(endpoint, status, duration));
    }

    /** Counts the tokens of an answer. */
    public void answered(long prompt, long reused, long generated) {
        promptTokens.add(prompt);
        reusedTokens.add(reused);
        generatedTokens.add(generated);
    }

    /** Counts the time from a request to its first token. */
    public void firstToken(Duration time) {
        firstToken.add(time.toNanos() / NANOS);
        tell(listener -> listener.firstToken(time));
    }

    /** A registry that fails must not spoil an answer. */
    private void tell(Consumer<Listener> event) {
        for (Listener listener : listeners) {
            try {
                event.accept(listener);
            } catch (RuntimeException failed) {
                LOG.log(Level.WARNING, "A listener of the server's metrics failed.", failed);
            }
        }
    }

    /** All values in the text form of Prometheus. */
    public String text() {
        StringBuilder out = new StringBuilder();
        head(out, "lem_http_requests_total", "counter", REQUESTS);
        requests.forEach((labels, count) -> line(out, "lem_http_requests_total{" + labels + "}", count.sum()));
        counters((name, help, value) -> one(out, name, "counter", help, value.getAsLong()));
        gauges((name, help, value) -> one(out, name, "gauge", help, value.getAsLong()));
        head(out, "lem_first_token_seconds", "histogram", FIRST_TOKEN);
        firstToken.write(out, "lem_first_token_seconds", "");
        head(out, "lem_request_duration_seconds", "histogram", DURATIONS);
        durations.forEach((labels, histogram) -> histogram.write(out, "lem_request_duration_seconds", labels));
        return out.toString();
    }

    private static void one(StringBuilder out, String name, String type, String help, long value) {
        head(out, name, type, help);
        line(out, name, value);
    }

    private static void head(StringBuilder out, String name, String type, String help) {
        out.append("# HELP ").append(name).append(' ').append(help).append('\n');
        out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private static void line(StringBuilder out, String name, long value) {
        out.append(name).append(' ').append(value).append('\n');
    }
}
