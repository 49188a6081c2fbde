package io.lethean.lem.server;

import io.lethean.lem.server.internal.http.Metrics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;

/**
 * The values of {@code /metrics} in a registry of Micrometer. It needs {@code io.micrometer:micrometer-core}, which the server
 * itself does not.
 *
 * <pre>{@code
 * new LemServerMeters(server).bindTo(registry);
 * }</pre>
 *
 * <p>Every meter has the tag {@code model}, the name of the served model.
 *
 * <ul>
 *   <li>{@code lem.http.requests}: requests by {@code endpoint} and {@code status}; 499 is a client that has gone
 *   <li>{@code lem.request.duration}: time from the request to the end of the response, by {@code endpoint}
 *   <li>{@code lem.first.token}: time from the call to the first token, waiting included
 *   <li>{@code lem.prompt.tokens}, {@code lem.reused.prompt.tokens}, {@code lem.generated.tokens}: tokens since the start of
 *       the server
 *   <li>{@code lem.answers.running}, {@code lem.answers.waiting}, {@code lem.http.requests.open}, {@code lem.kv.cache.bytes}:
 *       gauges
 * </ul>
 *
 * <p>Requests and durations are counted from {@link #bindTo} on. Safe for use by several threads.
 */
public final class LemServerMeters implements MeterBinder {

    private static final String MODEL = "model";
    private static final String ENDPOINT = "endpoint";

    /** Registries that know histograms have the classes of {@code /metrics}. */
    private static final Duration[] BOUNDS = Arrays.stream(Metrics.durationBounds())
            .mapToObj(seconds -> Duration.ofMillis(Math.round(seconds * 1000)))
            .toArray(Duration[]::new);

    private final LemServer server;

    /**
     * Meters of a server.
     *
     * @param server the server, which the registry does not keep from being collected
     */
    public LemServerMeters(LemServer server) {
        this.server = Objects.requireNonNull(server, "server");
    }

    /**
     * Adds the meters to a registry. A second call for the same registry would count requests twice.
     *
     * @param registry where the meters are
     */
    @Override
    public void bindTo(MeterRegistry registry) {
        Metrics metrics = server.metrics();
        String model = server.modelName();
        metrics.counters((name, help, value) -> FunctionCounter.builder(
                        meterName(name.replaceFirst("_total$", "")), server, held -> value.getAsLong())
                .description(help)
                .tag(MODEL, model)
                .register(registry));
        metrics.gauges((name, help, value) -> Gauge.builder(meterName(name), server, held -> value.getAsLong())
                .description(help)
                .tag(MODEL, model)
                .register(registry));
        metrics.listen(new Recorder(registry, model));
    }

    private static String meterName(String name) {
        return name.replace('_', '.');
    }

    private record Recorder(MeterRegistry registry, String model) implements Metrics.Listener {

        @Override
        public void requestEnded(String endpoint, int status, Duration duration) {
            Counter.builder("lem.http.requests")
                    .description(Metrics.REQUESTS)
                    .tags(MODEL, model, ENDPOINT, endpoint, "status", Integer.toString(status))
                    .register(registry)
                    .increment();
            timer("lem.request.duration", Metrics.DURATIONS, ENDPOINT, endpoint).record(duration);
        }

        @Override
        public void firstToken(Duration time) {
            timer("lem.first.token", Metrics.FIRST_TOKEN).record(time);
        }

        private Timer timer(String name, String description, String... tags) {
            return Timer.builder(name)
                    .description(description)
                    .tag(MODEL, model)
                    .tags(tags)
                    .serviceLevelObjectives(BOUNDS)
                    .register(registry);
        }
    }
}
