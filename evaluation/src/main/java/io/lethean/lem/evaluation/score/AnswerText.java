package io.lethean.lem.evaluation.score;

import java.util.Arrays;

/**
 * A text as Python's {@code re} sees it: Unicode code points with Python's classes of word characters, whitespace and
 * digits.
 *
 * <p>{@link java.util.regex.Pattern} differs: its Unicode word class contains combining marks, its whitespace lacks
 * U+001C to U+001F, and U+0130 does not match an i. All positions are code points.
 */
final class AnswerText {

    private static final byte NOT_ASCII = -1;
    private static final byte EM_DASH = -2;

    private static final byte WORD = 1;
    private static final byte BLANK = 2;
    private static final byte DIGIT = 4;
    private static final byte BOUNDARY = 8;

    private static final byte[] ASCII_TRAITS = new byte[128];
    private static final byte[] ASCII_FOLDED = new byte[128];

    static {
        for (int c = 0; c < 128; c++) {
            ASCII_TRAITS[c] = traitsOf(c);
            ASCII_FOLDED[c] = (byte) Character.toLowerCase(c);
        }
    }

    private final int length;
    private final byte[] exact;
    private final byte[] folded;
    private final byte[] traits;
    private int[] wordStarts;
    private int wordStartCount;

    AnswerText(String text) {
        int units = text.length();
        exact = new byte[units];
        folded = new byte[units];
        traits = new byte[units + 1];
        wordStarts = new int[units / 5 + 8];
        boolean word = false;
        int at = 0;
        for (int unit = 0; unit < units; at++) {
            char c = text.charAt(unit);
            if (c < 128) {
                exact[at] = (byte) c;
                folded[at] = ASCII_FOLDED[c];
                word = setTraits(at, ASCII_TRAITS[c], word);
                unit++;
            } else {
                int codePoint = text.codePointAt(unit);
                exact[at] = codePoint == 0x2014 ? EM_DASH : NOT_ASCII;
                folded[at] = fold(codePoint);
                word = setTraits(at, traitsOf(codePoint), word);
                unit += Character.charCount(codePoint);
            }
        }
        length = at;
        setTraits(at, 0, word);
    }

    /** Sets what is known of a position, and returns whether it holds a word character. */
    private boolean setTraits(int at, int own, boolean afterWord) {
        boolean word = (own & WORD) != 0;
        traits[at] = (byte) (word == afterWord ? own : own | BOUNDARY);
        if (word && !afterWord) {
            addWordStart(at);
        }
        return word;
    }

    private void addWordStart(int at) {
        if (wordStartCount == wordStarts.length) {
            wordStarts = Arrays.copyOf(wordStarts, wordStartCount * 2);
        }
        wordStarts[wordStartCount++] = at;
    }

    private static byte traitsOf(int codePoint) {
        int traits = isWordCodePoint(codePoint) ? WORD : 0;
        traits |= isBlankCodePoint(codePoint) ? BLANK : 0;
        traits |= Character.isDigit(codePoint) ? DIGIT : 0;
        return (byte) traits;
    }

    /** {@code \w} of Python: letters, everything with a numeric value, and the underscore; no marks, no joiners. */
    private static boolean isWordCodePoint(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.UPPERCASE_LETTER,
                    Character.LOWERCASE_LETTER,
                    Character.TITLECASE_LETTER,
                    Character.MODIFIER_LETTER,
                    Character.OTHER_LETTER,
                    Character.DECIMAL_DIGIT_NUMBER,
                    Character.LETTER_NUMBER,
                    Character.OTHER_NUMBER -> true;
            default -> codePoint == '_';
        };
    }

    /** {@code \s} of Python, which is also the whitespace of its {@code str.split} and {@code str.strip}. */
    static boolean isBlankCodePoint(int codePoint) {
        return codePoint >= 0x09 && codePoint <= 0x0D
                || codePoint >= 0x1C && codePoint <= 0x20
                || codePoint == 0x85
                || codePoint == 0xA0
                || codePoint == 0x1680
                || codePoint >= 0x2000 && codePoint <= 0x200A
                || codePoint == 0x2028
                || codePoint == 0x2029
                || codePoint == 0x202F
                || codePoint == 0x205F
                || codePoint == 0x3000;
    }

    /** The lower-case ASCII letter that a non-ASCII code point matches when Python ignores case. */
    private static byte fold(int codePoint) {
        return switch (codePoint) {
            case 0x0130, 0x0131 -> 'i';
            case 0x017F -> 's';
            case 0x212A -> 'k';
            default -> NOT_ASCII;
        };
    }

    /** Code points of the text. */
    int length() {
        return length;
    }

    boolean isWord(int at) {
        return (traits[at] & WORD) != 0;
    }

    /** {@code \s}; false at the end of the text. */
    boolean isBlank(int at) {
        return (traits[at] & BLANK) != 0;
    }

    /** {@code \d}; false at the end of the text. */
    boolean isDigit(int at) {
        return (traits[at] & DIGIT) != 0;
    }

    /** {@code \b} just before a position, the end of the text included. */
    boolean isBoundary(int at) {
        return (traits[at] & BOUNDARY) != 0;
    }

    /** Whether the text has this ASCII character at a position; false at the end of the text. */
    boolean is(int at, char ascii) {
        return at < length && exact[at] == ascii;
    }

    boolean isEmDash(int at) {
        return exact[at] == EM_DASH;
    }

    boolean isAsciiLower(int at) {
        return at < length && exact[at] >= 'a' && exact[at] <= 'z';
    }

    boolean isAsciiUpper(int at) {
        return at < length && exact[at] >= 'A' && exact[at] <= 'Z';
    }

    /** The ASCII character there, lower case, also for the few others that match it when case is ignored; else -1. */
    int foldedAt(int at) {
        return folded[at];
    }

    /** Whether ASCII text is at a position: exactly, or, with case ignored, as the lower-case text given. */
    boolean startsWith(byte[] ascii, int at, boolean ignoreCase) {
        byte[] chars = ignoreCase ? folded : exact;
        int end = at + ascii.length;
        return end <= length && Arrays.equals(chars, at, end, ascii, 0, ascii.length);
    }

    /** How many words begin in the text; a word is a run of word characters. */
    int wordStartCount() {
        return wordStartCount;
    }

    /** Where the word of that index begins. */
    int wordStart(int index) {
        return wordStarts[index];
    }

    /** Code points that remain when whitespace is stripped from both ends. */
    int strippedLength() {
        int from = 0;
        int to = length;
        while (from < to && isBlank(from)) {
            from++;
        }
        while (to > from && isBlank(to - 1)) {
            to--;
        }
        return to - from;
    }
}
