package io.lethean.lem.internal.jinja;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Strings that Python's int() and float() take. */
final class NumberText {

    private static final String DIGITS = "\\d++(_\\d++)*+";

    private static final Pattern REAL = Pattern.compile("[+-]?(D\\.?(D)?|\\.D)([eE][+-]?D)?".replace("D", DIGITS));

    private NumberText() {}

    /** The integer, or null if the text is not an integer or exceeds 64 bits. */
    static @Nullable Long integer(String text, long base) {
        String digits = Characters.strip(text);
        boolean minus = digits.startsWith("-");
        digits = minus || digits.startsWith("+") ? digits.substring(1) : digits;
        int radix = base == 0 ? prefixed(digits, 10) : Math.clamp(base, 0, 37);
        if (radix < Character.MIN_RADIX || radix > Character.MAX_RADIX) {
            return null;
        }
        if (digits.length() > 2 && prefixed(digits, 10) == radix && radix != 10) {
            digits = digits.substring(2);
        }
        if (digits.startsWith("_")
                || digits.endsWith("_")
                || digits.contains("__")
                || digits.startsWith("-")
                || digits.startsWith("+")) {
            return null;
        }
        try {
            return Long.parseLong((minus ? "-" : "") + digits.replace("_", ""), radix);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static int prefixed(String digits, int otherwise) {
        String prefix = digits.length() < 2 ? "" : digits.substring(0, 2).toLowerCase(Locale.ROOT);
        return switch (prefix) {
            case "0x" -> 16;
            case "0o" -> 8;
            case "0b" -> 2;
            default -> otherwise;
        };
    }

    /** The number, or null if the text is not a number. */
    static @Nullable Double real(String text) {
        String digits = Characters.strip(text);
        String word = digits.length() > 9 ? "" : digits.toLowerCase(Locale.ROOT);
        return switch (word.startsWith("+") || word.startsWith("-") ? word.substring(1) : word) {
            case "nan" -> Double.NaN;
            case "inf", "infinity" -> word.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
            default -> REAL.matcher(digits).matches() ? (Double) Double.parseDouble(digits.replace("_", "")) : null;
        };
    }
}
