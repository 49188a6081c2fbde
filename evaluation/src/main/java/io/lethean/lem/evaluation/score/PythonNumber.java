package io.lethean.lem.evaluation.score;

import java.util.Locale;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

/** Reads numbers as Python's {@code float} does, which also takes digits of other scripts and single underscores. */
final class PythonNumber {

    private static final String DIGITS = "\\p{Nd}(?:_?\\p{Nd})*+";

    private static final Pattern FLOAT = Pattern.compile("[+-]?(?:(?:" + DIGITS + "\\.?(?:" + DIGITS + ")?|\\." + DIGITS
            + ")(?:[eE][+-]?" + DIGITS + ")?" + "|(?i:inf(?:inity)?|nan))");

    private PythonNumber() {}

    /** The number, or nothing where Python would raise {@code ValueError}. */
    static OptionalDouble parse(String text) {
        String stripped = PythonText.strip(text);
        if (!FLOAT.matcher(stripped).matches()) {
            return OptionalDouble.empty();
        }
        String lower = stripped.toLowerCase(Locale.ROOT);
        if (lower.endsWith("nan")) {
            return OptionalDouble.of(Double.NaN);
        }
        if (lower.contains("inf")) {
            return OptionalDouble.of(lower.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY);
        }
        return OptionalDouble.of(Double.parseDouble(toAscii(lower)));
    }

    private static String toAscii(String digits) {
        StringBuilder ascii = new StringBuilder();
        digits.codePoints().filter(c -> c != '_').forEach(c -> {
            int digit = Character.digit(c, 10);
            if (digit >= 0) {
                ascii.append(digit);
            } else {
                ascii.appendCodePoint(c);
            }
        });
        return ascii.toString();
    }
}
