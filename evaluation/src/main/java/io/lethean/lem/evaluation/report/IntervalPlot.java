package io.lethean.lem.evaluation.report;

import io.lethean.lem.evaluation.report.ExperimentReport.ComparedArms;
import io.lethean.lem.evaluation.stats.Interval;
import java.util.List;
import java.util.OptionalDouble;

/** All comparisons of an experiment below each other, each as a dot with its interval around the line of no change. */
final class IntervalPlot {

    private static final int WIDTH = 900;
    private static final int ROW = 24;
    private static final int LEFT = 430;
    private static final int RIGHT = 90;

    private final List<ComparedArms> comparisons;
    private final double reach;

    IntervalPlot(List<ComparedArms> comparisons) {
        this.comparisons = comparisons;
        reach = comparisons.stream().mapToDouble(IntervalPlot::farthest).reduce(1, Math::max);
    }

    private static double farthest(ComparedArms compared) {
        double mean = Math.abs(compared.difference().mean().orElse(0));
        return compared.difference()
                .interval()
                .map(i -> Math.max(Math.abs(i.low()), Math.abs(i.high())))
                .orElse(mean);
    }

    String svg() {
        int bottom = ROW * (comparisons.size() + 1);
        Svg svg = new Svg("signal", WIDTH, bottom + 8, "Differences with their intervals");
        svg.line("axis", x(0), 4, x(0), bottom - 8);
        for (double tick : new double[] {-reach, 0, reach}) {
            svg.text("tick", x(tick), bottom + 4, "middle", tick == 0 ? "0" : Numbers.signed(tick));
        }
        for (int i = 0; i < comparisons.size(); i++) {
            row(svg, comparisons.get(i), ROW * i + 16);
        }
        return svg.end();
    }

    private void row(Svg svg, ComparedArms compared, double y) {
        svg.text("label", LEFT - 12, y + 4, "end", compared.contrast().label());
        OptionalDouble mean = compared.difference().mean();
        compared.difference().interval().ifPresent((Interval i) -> svg.line("median", x(i.low()), y, x(i.high()), y));
        mean.ifPresent(value -> svg.dot("mean", x(value), y, 4, Numbers.signed(value)));
        svg.text("tick", WIDTH, y + 4, "end", Numbers.signed(mean));
    }

    private double x(double difference) {
        return LEFT + (difference + reach) / (2 * reach) * (WIDTH - RIGHT - LEFT);
    }
}
