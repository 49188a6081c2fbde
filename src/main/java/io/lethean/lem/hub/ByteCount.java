package io.lethean.lem.hub;

import java.util.Locale;

/** Sizes of files as people read them. */
final class ByteCount {

    private static final String[] UNITS = {"kB", "MB", "GB", "TB"};
    private static final double STEP = 1000;

    private ByteCount() {}

    /** A size with a decimal unit, such as {@code 98.0 MB}, as the hub's pages show it. */
    static String text(long bytes) {
        if (bytes < STEP) {
            return bytes + " bytes";
        }
        double value = bytes / STEP;
        int unit = 0;
        while (value >= STEP && unit < UNITS.length - 1) {
            value /= STEP;
            unit++;
        }
        return String.format(Locale.ROOT, value < 100 ? "%.1f %s" : "%.0f %s", value, UNITS[unit]);
    }
}
