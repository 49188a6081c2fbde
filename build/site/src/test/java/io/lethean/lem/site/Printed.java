package io.lethean.lem.site;

import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Compares the output that a page shows with what was printed. */
final class Printed {

    private Printed() {}

    /**
     * Finds the first line of a page's text that was not printed. The lines must be there in their order, with any lines between
     * them. Three dots stand for any text, and spaces for any spaces.
     */
    static Optional<String> missing(String shown, String printed) {
        Iterator<String> lines = printed.lines().iterator();
        return shown.lines()
                .filter(line -> !line.isBlank() && !line.strip().equals("..."))
                .filter(line -> !find(Pattern.compile(pattern(line.strip())), lines))
                .findFirst();
    }

    private static boolean find(Pattern line, Iterator<String> lines) {
        while (lines.hasNext()) {
            if (line.matcher(lines.next().strip()).matches()) {
                return true;
            }
        }
        return false;
    }

    private static String pattern(String line) {
        return List.of(line.split("\\.\\.\\.", -1)).stream()
                .map(part -> List.of(part.split("\\s+", -1)).stream()
                        .map(Pattern::quote)
                        .collect(Collectors.joining("\\s+")))
                .collect(Collectors.joining(".*"));
    }
}
