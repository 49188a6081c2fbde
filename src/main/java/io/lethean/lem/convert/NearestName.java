package io.lethean.lem.convert;

import java.util.List;
import java.util.Optional;

/** Finds the name that begins most like another, as a family's names do. */
final class NearestName {

    private static final int LEAST = 4;

    private NearestName() {}

    /** The name with the longest common beginning; empty if no name shares at least four letters. */
    static Optional<String> of(String wanted, List<String> names) {
        String nearest = "";
        int longest = LEAST - 1;
        for (String name : names) {
            int common = common(wanted, name);
            if (common > longest) {
                longest = common;
                nearest = name;
            }
        }
        return nearest.isEmpty() ? Optional.empty() : Optional.of(nearest);
    }

    private static int common(String one, String other) {
        int length = 0;
        while (length < Math.min(one.length(), other.length())
                && Character.toLowerCase(one.charAt(length)) == Character.toLowerCase(other.charAt(length))) {
            length++;
        }
        return length;
    }
}
