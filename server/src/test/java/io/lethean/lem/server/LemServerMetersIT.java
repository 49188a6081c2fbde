package io.lethean.lem.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The meters in a registry of Micrometer, compared with what {@code /metrics} of the same server says. */
class LemServerMetersIT {

    private static final String ASKED = "{'prompt':'Once upon a time','max_tokens':4,'temperature':0}";
    private static final String TIMES = "lem_(first_token|request_duration)_seconds";

    private RunningServer server;

    @BeforeEach
    void start() throws Exception {
        server = RunningServer.stories();
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    /**
     * Names, labels and values without the label that {@code /metrics} does not need; sums of durations without their value;
     * without the requests for {@code /metrics} itself.
     */
    private static List<String> lines(String text) {
        return text.lines()
                .filter(line -> line.startsWith("lem_") && !line.contains("\"/metrics\""))
                .filter(line -> !line.startsWith("lem_http_requests_open") && !line.contains("_seconds_max"))
                .map(line -> line.replaceFirst("(,?)model=\"m\"(,?)", "$1"))
                .map(line -> line.replace("{}", "").replace("{,", "{").replace(",}", "}"))
                .map(line -> line.startsWith("lem_") && line.contains("_seconds_sum")
                        ? line.replaceFirst(" .*", "")
                        : line.replaceFirst("\\.0$", ""))
                .sorted()
                .toList();
    }

    @Test
    void prometheusRegistry_saysWhatTheServerSays() throws Exception {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new LemServerMeters(server.server()).bindTo(registry);
        assertThat(server.post("/v1/completions", ASKED).status()).isEqualTo(200);
        assertThat(server.post("/v1/completions", ASKED).status()).isEqualTo(200);
        assertThat(server.post("/v1/completions", "{'prompt':3.5}").status()).isEqualTo(400);
        server.get("/health");
        server.awaitIdle();

        List<String> own = lines(server.get("/metrics").body());
        List<String> meters = lines(registry.scrape());

        assertThat(own)
                .filteredOn(line -> line.startsWith("lem_http_requests_total"))
                .containsExactlyInAnyOrder(
                        "lem_http_requests_total{endpoint=\"/health\",status=\"200\"} 1",
                        "lem_http_requests_total{endpoint=\"/v1/completions\",status=\"200\"} 2",
                        "lem_http_requests_total{endpoint=\"/v1/completions\",status=\"400\"} 1");
        assertThat(meters).isEqualTo(own);
        assertThat(own)
                .anyMatch(line -> Pattern.matches(TIMES + "_bucket\\{endpoint=\"/health\",le=\"0.01\"} \\d", line));
    }

    @Test
    void meters_haveTheModelAndTheTokens() throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        new LemServerMeters(server.server()).bindTo(registry);
        long tokens = server.post("/v1/completions", ASKED)
                .json()
                .get("usage")
                .get("completion_tokens")
                .longValue();
        server.awaitIdle();

        assertThat(registry.get("lem.generated.tokens")
                        .tag("model", "m")
                        .functionCounter()
                        .count())
                .isEqualTo(tokens);
        assertThat(registry.get("lem.first.token").timer().count()).isEqualTo(1);
        assertThat(registry.get("lem.kv.cache.bytes").gauge().value())
                .isEqualTo(server.model().info().context().kvBytes());
        assertThat(registry.get("lem.request.duration")
                        .tag("endpoint", "/v1/completions")
                        .timer()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void registryThatFails_doesNotSpoilAnAnswer() throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        new LemServerMeters(server.server()).bindTo(registry);
        registry.config().meterFilter(new MeterFilter() {
            @Override
            public Meter.Id map(Meter.Id id) {
                throw new IllegalStateException("no more meters");
            }
        });

        assertThat(server.post("/v1/completions", ASKED).status()).isEqualTo(200);
        server.awaitIdle();
        assertThat(server.metric("lem_http_requests_total{endpoint=\"/v1/completions\",status=\"200\"}"))
                .isEqualTo(1);
    }
}
