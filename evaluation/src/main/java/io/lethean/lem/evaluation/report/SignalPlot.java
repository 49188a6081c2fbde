package io.lethean.lem.evaluation.report;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** How a signal is distributed under each condition: range, middle half, median and mean. */
final class SignalPlot {

    private static final int WIDTH = 430;
    private static final int ROW = 24;
    private static final int LEFT = 110;
    private static final int RIGHT = 50;

    private final ResultFile run;

    SignalPlot(ResultFile run) {
        this.run = run;
    }

    /** One plot per signal that differs from zero anywhere, in the order in which the scorer names them. */
    String all() {
        Set<String> signals = new LinkedHashSet<>();
        run.probes()
                .forEach(probe -> probe.answers()
                        .values()
                        .forEach(answers -> answers.forEach(
                                answer -> signals.addAll(answer.signals().keySet()))));
        StringBuilder out = new StringBuilder("<div class=\"signals\">\n");
        for (String signal : signals) {
            double largest = run.conditions().stream()
                    .mapToDouble(condition -> Arrays.stream(values(signal, condition))
                            .map(Math::abs)
                            .max()
                            .orElse(0))
                    .max()
                    .orElse(0);
            if (largest > 0) {
                out.append(plot(signal));
            }
        }
        return out.append("</div>\n").toString();
    }

    private double[] values(String signal, String condition) {
        return run.probes().stream()
                .flatMap(probe -> probe.answers(condition).stream())
                .filter(answer -> answer.signals().containsKey(signal))
                .mapToDouble(answer -> answer.signals().get(signal))
                .sorted()
                .toArray();
    }

    private String plot(String signal) {
        List<String> conditions = run.conditions();
        List<double[]> values =
                conditions.stream().map(condition -> values(signal, condition)).toList();
        double low = values.stream().flatMapToDouble(Arrays::stream).min().orElse(0);
        double high = Math.max(
                low + 1, values.stream().flatMapToDouble(Arrays::stream).max().orElse(1));
        int bottom = ROW * (conditions.size() + 1) + 14;
        Svg svg = new Svg("signal", WIDTH, bottom + 6, signal);
        svg.text("heading", 0, 16, "start", signal.replace('_', ' '));
        svg.text("tick", LEFT, bottom, "middle", Numbers.plain(low));
        svg.text("tick", WIDTH - RIGHT, bottom, "middle", Numbers.plain(high));
        for (int i = 0; i < conditions.size(); i++) {
            row(svg, conditions.get(i), values.get(i), ROW * (i + 1) + 12, low, high);
        }
        return svg.end();
    }

    private static void row(Svg svg, String condition, double[] sorted, double y, double low, double high) {
        svg.text("label", LEFT - 10, y + 4, "end", condition);
        if (sorted.length == 0) {
            return;
        }
        double scale = (WIDTH - RIGHT - LEFT) / (high - low);
        double first = LEFT + (sorted[0] - low) * scale;
        double last = LEFT + (sorted[sorted.length - 1] - low) * scale;
        double quarter = LEFT + (quantile(sorted, 0.25) - low) * scale;
        double threeQuarters = LEFT + (quantile(sorted, 0.75) - low) * scale;
        double median = LEFT + (quantile(sorted, 0.5) - low) * scale;
        double mean = Arrays.stream(sorted).average().orElseThrow();
        svg.line("range", first, y, last, y);
        svg.rect("box", quarter, y - 6, Math.max(2, threeQuarters - quarter), 12);
        svg.line("median", median, y - 7, median, y + 7);
        svg.dot("mean", LEFT + (mean - low) * scale, y, 3, "mean " + Numbers.two(mean));
        svg.text("tick", WIDTH, y + 4, "end", Numbers.two(mean));
    }

    private static double quantile(double[] sorted, double p) {
        double at = p * (sorted.length - 1);
        int below = (int) at;
        return sorted[below] + (at - below) * (sorted[Math.min(below + 1, sorted.length - 1)] - sorted[below]);
    }
}
