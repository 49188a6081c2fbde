package io.lethean.lem.jmh;

import java.util.Arrays;

/** {@code key=value} arguments; of two with one key the later counts, so that a script's own can be replaced. */
record Arguments(String[] given) {

    String text(String key, String standard) {
        return Arrays.stream(given)
                .filter(argument -> argument.startsWith(key + "="))
                .map(argument -> argument.substring(key.length() + 1))
                .reduce((earlier, later) -> later)
                .orElse(standard);
    }

    int number(String key, int standard) {
        return Integer.parseInt(text(key, Integer.toString(standard)));
    }
}
