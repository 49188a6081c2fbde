package io.lethean.lem.evaluation.internal.run;

import io.lethean.lem.evaluation.run.RecordedAnswer;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The time during which at least one answer was generated.
 *
 * <p>Answers in parallel overlap, so the sum of their times is longer than a clock on the wall shows. Pauses between an
 * interrupted run and its continuation do not count.
 */
public final class WallTime {

    private static final double NANOS = 1e9;

    private final List<Span> spans = new ArrayList<>();
    private double withoutPlace;

    /** From begin to end in seconds since some moment that all spans share. */
    private record Span(double begin, double end) {}

    /** Adds an answer, which took its time until the moment at which it was recorded. */
    public void add(RecordedAnswer answer) {
        add(answer.time(), answer.seconds());
    }

    /**
     * Adds a span.
     *
     * @param end with an offset, such as {@code 2026-11-29T10:00:00.000000+00:00}; a text of another form is counted
     *     as a span that overlaps with nothing
     */
    public void add(String end, double seconds) {
        try {
            Instant moment = OffsetDateTime.parse(end).toInstant();
            double at = moment.getEpochSecond() + moment.getNano() / NANOS;
            spans.add(new Span(at - seconds, at));
        } catch (DateTimeException e) {
            withoutPlace += seconds;
        }
    }

    /** The length of what the spans cover together, in seconds. */
    public double seconds() {
        List<Span> sorted = new ArrayList<>(spans);
        sorted.sort(Comparator.comparingDouble(Span::begin));
        double covered = withoutPlace;
        double reached = Double.NEGATIVE_INFINITY;
        for (Span span : sorted) {
            covered += Math.max(0, span.end() - Math.max(span.begin(), reached));
            reached = Math.max(reached, span.end());
        }
        return covered;
    }
}
