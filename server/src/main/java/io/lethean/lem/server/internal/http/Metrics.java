package io.lethean.lem.server.internal.http;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** Counts requests and tokens, and shows them in the text form of Prometheus. Safe for use by several threads. */
public final class Metrics {

    private static final double NANOS = 1e9;

    private final Map<String, LongAdder> requests = new ConcurrentSkipListMap<>();
    private final Map<String, Histogram> durations = new ConcurrentSkipListMap<>();
    private final Histogram firstToken = new Histogram();
    private final LongAdder promptTokens = new LongAdder();
    private final LongAdder reusedTokens = new LongAdder();
    private final LongAdder generatedTokens = new LongAdder();
    private final Map<String, Gauge> gauges = new TreeMap<>();

    private record Gauge(String help, LongSupplier value) {}

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
    }

    /** All values in the text form of Prometheus. */
    public String text() {
        StringBuilder out = new StringBuilder();
        head(
                out,
                "lem_http_requests_total",
                "counter",
                "Requests by endpoint and status; 499 is a client that has gone.");
        requests.forEach((labels, count) -> line(out, "lem_http_requests_total{" + labels + "}", count.sum()));
        one(out, "lem_prompt_tokens_total", "counter", "Tokens of prompts.", promptTokens.sum());
        one(
                out,
                "lem_reused_prompt_tokens_total",
                "counter",
                "Tokens of prompts that the KV cache had.",
                reusedTokens.sum());
        one(out, "lem_generated_tokens_total", "counter", "Tokens that were generated.", generatedTokens.sum());
        gauges.forEach((name, gauge) ->
                one(out, name, "gauge", gauge.help(), gauge.value().getAsLong()));
        head(out, "lem_first_token_seconds", "histogram", "Time from the call to the first token, waiting included.");
        firstToken.write(out, "lem_first_token_seconds", "");
        head(out, "lem_request_duration_seconds", "histogram", "Time from the request to the end of the response.");
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
