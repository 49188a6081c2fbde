package io.lethean.lem.server.internal.http;

import java.util.Locale;

/** Counts durations in classes, in the form of Prometheus. Safe for use by several threads. */
final class Histogram {

    private static final double[] BOUNDS = {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300};

    private final long[] counts = new long[BOUNDS.length + 1];
    private double sum;

    /** Upper bounds of the classes, in seconds. */
    static double[] bounds() {
        return BOUNDS.clone();
    }

    synchronized void add(double seconds) {
        int i = 0;
        while (i < BOUNDS.length && seconds > BOUNDS[i]) {
            i++;
        }
        counts[i]++;
        sum += seconds;
    }

    /** @param labels such as {@code endpoint="/health"}; may be empty */
    synchronized void write(StringBuilder out, String name, String labels) {
        long total = 0;
        String before = labels.isEmpty() ? "" : labels + ",";
        for (int i = 0; i < counts.length; i++) {
            total += counts[i];
            String bound = i < BOUNDS.length ? Double.toString(BOUNDS[i]) : "+Inf";
            out.append(String.format(Locale.ROOT, "%s_bucket{%sle=\"%s\"} %d\n", name, before, bound, total));
        }
        String braces = labels.isEmpty() ? "" : "{" + labels + "}";
        out.append(name).append("_sum").append(braces).append(' ').append(sum).append('\n');
        out.append(name)
                .append("_count")
                .append(braces)
                .append(' ')
                .append(total)
                .append('\n');
    }
}
