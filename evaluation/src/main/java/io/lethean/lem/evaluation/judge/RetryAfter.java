package io.lethean.lem.evaluation.judge;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.http.HttpHeaders;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** The wait that a service asks for in its headers {@code Retry-After} and {@code retry-after-ms}. */
final class RetryAfter {

    /** Values from here on are equal to this one: more than a year. */
    private static final BigDecimal LARGEST_SECONDS = new BigDecimal(40_000_000);

    private static final Pattern DECIMAL = Pattern.compile("\\+?(?:\\d{1,400}(?:\\.\\d{0,400})?|\\.\\d{1,400})");

    /** The three forms of a date in HTTP (RFC 9110, 5.6.7), without the name of the day. */
    private static final List<DateTimeFormatter> DATES =
            List.of(form("d MMM yyyy HH:mm:ss 'GMT'"), twoDigitYears(), form("MMM d HH:mm:ss yyyy"));

    private RetryAfter() {}

    private static DateTimeFormatter form(String pattern) {
        return new DateTimeFormatterBuilder()
                .parseCaseInsensitive()
                .appendPattern(pattern)
                .toFormatter(Locale.ROOT)
                .withZone(ZoneOffset.UTC);
    }

    private static DateTimeFormatter twoDigitYears() {
        return new DateTimeFormatterBuilder()
                .parseCaseInsensitive()
                .appendPattern("dd-MMM-")
                .appendValueReduced(ChronoField.YEAR, 2, 2, 2000)
                .appendPattern(" HH:mm:ss 'GMT'")
                .toFormatter(Locale.ROOT)
                .withZone(ZoneOffset.UTC);
    }

    /**
     * The longest wait that the headers ask for; zero if there is no such header, or its date is in the past.
     *
     * @param now the local time, for a date if the service does not send its own time
     */
    static Duration of(HttpHeaders headers, Instant now) {
        Instant from = headers.firstValue("Date").flatMap(RetryAfter::date).orElse(now);
        Duration longest = Duration.ZERO;
        for (String value : headers.allValues("Retry-After")) {
            longest = longer(longest, wait(value, from));
        }
        for (String value : headers.allValues("retry-after-ms")) {
            longest = longer(longest, decimal(value, 3).orElse(Duration.ZERO));
        }
        return longest;
    }

    private static Duration wait(String value, Instant from) {
        return decimal(value, 0)
                .or(() -> date(value).map(until -> Duration.between(from, until)))
                .orElse(Duration.ZERO);
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    /** A number of seconds, or of thousandths if {@code shift} is 3; seconds are rounded up to whole ones. */
    private static Optional<Duration> decimal(String text, int shift) {
        if (!DECIMAL.matcher(text.strip()).matches()) {
            return Optional.empty();
        }
        BigDecimal amount = new BigDecimal(text.strip()).setScale(0, RoundingMode.CEILING);
        BigDecimal most = LARGEST_SECONDS.movePointRight(shift);
        long whole = amount.min(most).longValueExact();
        return Optional.of(shift == 0 ? Duration.ofSeconds(whole) : Duration.ofMillis(whole));
    }

    private static Optional<Instant> date(String text) {
        String withoutDay = text.strip().replaceFirst("\\A[A-Za-z]+,?\\s+", "").replaceAll("\\s+", " ");
        for (DateTimeFormatter form : DATES) {
            try {
                return Optional.of(form.parse(withoutDay, Instant::from));
            } catch (DateTimeException e) {
                // The next form is tried.
            }
        }
        return Optional.empty();
    }
}
