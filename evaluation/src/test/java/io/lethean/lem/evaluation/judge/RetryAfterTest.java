package io.lethean.lem.evaluation.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryAfterTest {

    private static final Instant NOW = Instant.parse("2026-11-29T10:00:00.250Z");

    private static Duration wait(Map<String, List<String>> headers) {
        return RetryAfter.of(HttpHeaders.of(headers, (name, value) -> true), NOW);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "7 | 7000",
                "0 | 0",
                "7.5 | 8000",
                "0.01 | 1000",
                ".5 | 1000",
                "+3 | 3000",
                "Sun, 29 Nov 2026 10:00:09 GMT | 8750",
                "sun, 29 nov 2026 10:00:09 gmt | 8750",
                "Sunday, 29-Nov-26 10:00:09 GMT | 8750",
                "Sun Nov 29 10:00:09 2026 | 8750",
                "Tue, 1 Dec 2026 10:00:00 GMT | 172799750",
                "999999999999999999999999 | 40000000000",
                "-5 | 0",
                "soon | 0",
                "NaN | 0",
                "1e3 | 0",
                "Sun, 41 Nov 2026 10:00:09 GMT | 0"
            })
    void everyFormOfRetryAfterIsRead(String value, long millis) {
        assertThat(wait(Map.of("Retry-After", List.of(value)))).isEqualTo(Duration.ofMillis(millis));
    }

    @Test
    void aDateInThePastIsNoWait() {
        assertThat(wait(Map.of("Retry-After", List.of("Sun, 29 Nov 2026 09:00:00 GMT"))))
                .isEqualTo(Duration.ZERO);
    }

    @Test
    void aDateIsComparedWithTheServersOwnTimeIfItSendsIt() {
        assertThat(wait(Map.of(
                        "Date",
                        List.of("Sun, 29 Nov 2026 08:00:00 GMT"),
                        "Retry-After",
                        List.of("Sun, 29 Nov 2026 08:00:09 GMT"))))
                .isEqualTo(Duration.ofSeconds(9));
    }

    @ParameterizedTest
    @CsvSource({"7000, 7000", "0.2, 1", "1500.5, 1501", "later, 0"})
    void millisecondsAreRead(String value, long millis) {
        assertThat(wait(Map.of("retry-after-ms", List.of(value)))).isEqualTo(Duration.ofMillis(millis));
    }

    @Test
    void theLongestOfSeveralWaitsCounts() {
        assertThat(wait(Map.of("Retry-After", List.of("2", "3"), "retry-after-ms", List.of("2500"))))
                .isEqualTo(Duration.ofSeconds(3));
        assertThat(wait(Map.of())).isEqualTo(Duration.ZERO);
    }
}
