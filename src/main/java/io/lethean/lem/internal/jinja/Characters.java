package io.lethean.lem.internal.jinja;

import java.util.function.IntPredicate;

/** Strings as Python sees them: made of code points, with Python's idea of white space. */
final class Characters {

    private Characters() {}

    /** White space as str.isspace and regular expressions have it. */
    static boolean isSpace(int c) {
        return c == ' '
                || c >= 0x09 && c <= 0x0d
                || c >= 0x1c && c <= 0x1f
                || c == 0x85
                || c == 0xa0
                || c > 0xff && Character.isSpaceChar(c);
    }

    /** Where str.splitlines cuts, in addition to the pair CR LF. */
    static boolean isLineEnd(int c) {
        return c >= 0x0a && c <= 0x0d || c >= 0x1c && c <= 0x1e || c == 0x85 || c == 0x2028 || c == 0x2029;
    }

    static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    /** The char index of a code point index. */
    static int offset(String text, int codePoints) {
        return text.offsetByCodePoints(0, codePoints);
    }

    static String stripLeft(String text, IntPredicate unwanted) {
        int start = 0;
        while (start < text.length() && unwanted.test(text.codePointAt(start))) {
            start += Character.charCount(text.codePointAt(start));
        }
        return text.substring(start);
    }

    static String stripRight(String text, IntPredicate unwanted) {
        int end = text.length();
        while (end > 0 && unwanted.test(text.codePointBefore(end))) {
            end -= Character.charCount(text.codePointBefore(end));
        }
        return text.substring(0, end);
    }

    static String stripRight(String text) {
        return stripRight(text, Characters::isSpace);
    }

    static String strip(String text) {
        return stripLeft(stripRight(text), Characters::isSpace);
    }

    /** Whether repr shows the character itself. */
    static boolean isPrintable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> c == ' ';
            default -> true;
        };
    }
}
