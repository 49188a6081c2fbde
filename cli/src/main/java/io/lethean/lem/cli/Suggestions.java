package io.lethean.lem.cli;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds what a mistyped name was meant to be. */
final class Suggestions {

    private Suggestions() {}

    /** The known name that is closest to what was typed, if one is close enough. */
    static Optional<String> closest(String typed, Collection<String> known) {
        String lower = typed.toLowerCase(Locale.ROOT);
        return known.stream()
                .filter(name -> distance(lower, name.toLowerCase(Locale.ROOT)) <= Math.max(1, name.length() / 3)
                        || isUniqueStart(lower, name, known))
                .min(Comparator.comparingInt((String name) -> distance(lower, name.toLowerCase(Locale.ROOT)))
                        .thenComparing(Comparator.naturalOrder()));
    }

    private static boolean isUniqueStart(String typed, String name, Collection<String> known) {
        return typed.length() > 3
                && name.startsWith(typed)
                && known.stream().filter(other -> other.startsWith(typed)).count() == 1;
    }

    /** How many letters must be inserted, deleted, replaced or swapped with their neighbour. */
    static int distance(String one, String other) {
        int[][] rows = new int[one.length() + 1][other.length() + 1];
        for (int i = 0; i <= one.length(); i++) {
            for (int j = 0; j <= other.length(); j++) {
                rows[i][j] = i == 0 || j == 0 ? i + j : cost(rows, one, other, i, j);
            }
        }
        return rows[one.length()][other.length()];
    }

    private static int cost(int[][] rows, String one, String other, int i, int j) {
        int replaced = rows[i - 1][j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        int least = Math.min(replaced, 1 + Math.min(rows[i - 1][j], rows[i][j - 1]));
        boolean swapped =
                i > 1 && j > 1 && one.charAt(i - 1) == other.charAt(j - 2) && one.charAt(i - 2) == other.charAt(j - 1);
        return swapped ? Math.min(least, 1 + rows[i - 2][j - 2]) : least;
    }
}
