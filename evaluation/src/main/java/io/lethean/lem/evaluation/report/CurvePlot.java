package io.lethean.lem.evaluation.report;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.stream.Stream;

/** Values over the iterations of a training, as lines with a dot for each value. */
final class CurvePlot {

    private static final int WIDTH = 720;
    private static final int HEIGHT = 240;
    private static final int LEFT = 70;
    private static final int RIGHT = 90;
    private static final int TOP = 28;
    private static final int BOTTOM = 26;

    private final String title;
    private final Map<String, NavigableMap<Long, Double>> curves = new LinkedHashMap<>();

    CurvePlot(String title) {
        this.title = title;
    }

    /** Adds a curve; one without values is left out. */
    CurvePlot curve(String name, NavigableMap<Long, Double> values) {
        if (!values.isEmpty()) {
            curves.put(name, values);
        }
        return this;
    }

    /** The plot; empty without a curve. */
    String svg() {
        if (curves.isEmpty()) {
            return "";
        }
        double low = all().min(Double::compare).orElse(0.0);
        double high = all().max(Double::compare).orElse(1.0);
        if (high == low) {
            high = low + Math.max(1e-9, Math.abs(low) * 0.1);
        }
        long last = Math.max(
                1,
                curves.values().stream().mapToLong(NavigableMap::lastKey).max().orElse(1));
        Svg svg = new Svg("curves", WIDTH, HEIGHT, title);
        svg.text("heading", 0, 16, "start", title);
        double bottom = HEIGHT - BOTTOM;
        svg.line("axis", LEFT, bottom, WIDTH - RIGHT, bottom).line("axis", LEFT, TOP, LEFT, bottom);
        svg.text("tick", LEFT - 8, TOP + 4, "end", number(high));
        svg.text("tick", LEFT - 8, bottom + 4, "end", number(low));
        svg.text("tick", LEFT, HEIGHT - 8, "middle", "0");
        svg.text("tick", WIDTH - RIGHT, HEIGHT - 8, "middle", "iteration " + last);
        int index = 0;
        for (Map.Entry<String, NavigableMap<Long, Double>> curve : curves.entrySet()) {
            draw(svg, "curve c" + index++, curve, new Frame(low, high, last));
        }
        return svg.end();
    }

    private Stream<Double> all() {
        return curves.values().stream().map(NavigableMap::values).flatMap(Collection::stream);
    }

    /** Where values are on the plot. */
    private record Frame(double low, double high, long last) {
        double x(long iteration) {
            return LEFT + (WIDTH - RIGHT - LEFT) * (double) iteration / last;
        }

        double y(double value) {
            return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * (value - low) / (high - low);
        }
    }

    private static void draw(Svg svg, String css, Map.Entry<String, NavigableMap<Long, Double>> curve, Frame frame) {
        NavigableMap<Long, Double> values = curve.getValue();
        StringBuilder points = new StringBuilder();
        values.forEach((iteration, value) ->
                points.append(String.format(Locale.ROOT, "%.1f,%.1f ", frame.x(iteration), frame.y(value))));
        svg.polyline(css, points.toString().strip());
        values.forEach((iteration, value) ->
                svg.dot(css, frame.x(iteration), frame.y(value), 2.5, "iteration " + iteration + ": " + number(value)));
        double y = frame.y(values.lastEntry().getValue());
        svg.text("label " + css, frame.x(values.lastKey()) + 8, y + 4, "start", curve.getKey());
    }

    static String number(double value) {
        return value != 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6)
                ? String.format(Locale.ROOT, "%.2e", value)
                : String.format(Locale.ROOT, Math.abs(value) >= 100 ? "%.0f" : "%.4f", value);
    }
}
