package io.lethean.lem.evaluation.report;

import io.lethean.lem.evaluation.stats.Interval;
import io.lethean.lem.evaluation.stats.PairedComparison;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The differences of one condition from the baseline, probe by probe from the largest fall to the largest rise, with
 * their mean and its interval as a band.
 */
final class DifferencePlot {

    private static final int WIDTH = 900;
    private static final int HEIGHT = 260;
    private static final int LEFT = 62;
    private static final int RIGHT = 150;
    private static final int MARGIN = 18;

    private final PairedComparison comparison;
    private final Map<String, Interval> spreads;
    private final List<Map.Entry<String, Double>> sorted;
    private final double low;
    private final double high;

    /** @param spreads by probe, intervals of the differences where a probe was asked several times */
    DifferencePlot(PairedComparison comparison, Map<String, Interval> spreads) {
        this.comparison = comparison;
        this.spreads = spreads;
        sorted = comparison.differences().entrySet().stream()
                .sorted(Map.Entry.<String, Double>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
                .toList();
        low = Math.min(-1, spreads.values().stream().map(Interval::low).reduce(extreme(false), Math::min));
        high = Math.max(1, spreads.values().stream().map(Interval::high).reduce(extreme(true), Math::max));
    }

    private double extreme(boolean highest) {
        Comparator<Double> order = Comparator.naturalOrder();
        return sorted.stream()
                .map(Map.Entry::getValue)
                .max(highest ? order : order.reversed())
                .orElse(0.0);
    }

    String svg(String condition, String baseline) {
        Svg svg = new Svg("differences", WIDTH, HEIGHT, "Differences of " + condition + " from " + baseline);
        double right = WIDTH - RIGHT;
        svg.rect(
                "dead",
                LEFT,
                y(PairedComparison.DEAD_BAND),
                right - LEFT,
                y(-PairedComparison.DEAD_BAND) - y(PairedComparison.DEAD_BAND));
        comparison
                .interval()
                .ifPresent(i -> svg.rect("band", LEFT, y(i.high()), right - LEFT, y(i.low()) - y(i.high())));
        svg.line("axis", LEFT, y(0), right, y(0));
        for (double tick : new double[] {low, 0, high}) {
            svg.text("tick", LEFT - 6, y(tick) + 4, "end", tick == 0 ? "0" : Numbers.signed(tick));
        }
        for (int i = 0; i < sorted.size(); i++) {
            dot(svg, i);
        }
        comparison.mean().ifPresent(mean -> {
            svg.line("mean", LEFT, y(mean), right, y(mean));
            svg.text("label", right + 8, y(mean) + 4, "start", "mean " + Numbers.signed(mean));
        });
        return svg.end();
    }

    private void dot(Svg svg, int index) {
        Map.Entry<String, Double> probe = sorted.get(index);
        double value = probe.getValue();
        double x = LEFT + (index + 0.5) * (WIDTH - RIGHT - LEFT) / sorted.size();
        String kind = value > PairedComparison.DEAD_BAND ? "up" : value < -PairedComparison.DEAD_BAND ? "down" : "same";
        svg.line("stem " + kind, x, y(0), x, y(value));
        Optional.ofNullable(spreads.get(probe.getKey()))
                .ifPresent(spread -> svg.line("whisker", x, y(spread.low()), x, y(spread.high())));
        svg.dot("dot " + kind, x, y(value), 3, probe.getKey() + ": " + Numbers.signed(value));
    }

    private double y(double value) {
        return MARGIN + (high - value) / (high - low) * (HEIGHT - 2 * MARGIN);
    }
}
