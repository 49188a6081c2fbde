package io.lethean.lem.evaluation.score;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The parts of Python 3 text handling on which published scores depend: white space, word characters, code points.
 *
 * <p>Java's own notions differ. {@code \w} with {@link Pattern#UNICODE_CHARACTER_CLASS} also takes combining marks, and
 * {@code \s} leaves out U+001C to U+001F.
 */
final class PythonText {

    /** What {@code str.isspace} accepts, for use inside a character class. */
    private static final String SPACES =
            "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

    private static final String WORD = "[\\p{L}\\p{N}_]";

    private static final String BOUNDARY = "(?:(?<=" + WORD + ")(?!" + WORD + ")|(?<!" + WORD + ")(?=" + WORD + "))";

    private PythonText() {}

    /**
     * Compiles a pattern with Python's meaning of {@code \b}, {@code \w}, {@code \d} and {@code \s}, and of the dot,
     * which excludes the line feed only.
     *
     * @param regex without these escapes inside a character class, {@code \s} and {@code \d} excepted
     */
    static Pattern pattern(String regex) {
        return Pattern.compile(translate(regex), Pattern.UNIX_LINES);
    }

    /** As {@link #pattern}, for ASCII expressions that ignore case; match it against {@link #folded} text. */
    static Pattern patternIgnoringCase(String regex) {
        return Pattern.compile(translate(regex), Pattern.UNIX_LINES | Pattern.CASE_INSENSITIVE);
    }

    /** The text with the four characters replaced that Python takes for ASCII letters where case is ignored. */
    static String folded(String text) {
        return text.replace('\u0130', 'i')
                .replace('\u0131', 'i')
                .replace('\u017f', 's')
                .replace('\u212a', 'k');
    }

    private static String translate(String regex) {
        StringBuilder java = new StringBuilder();
        boolean inClass = false;
        for (int i = 0; i < regex.length(); i++) {
            char c = regex.charAt(i);
            if (c == '\\') {
                java.append(translateEscape(regex.charAt(++i), inClass));
                continue;
            }
            inClass = c == '[' || inClass && c != ']';
            java.append(c);
        }
        return java.toString();
    }

    private static String translateEscape(char escape, boolean inClass) {
        return switch (escape) {
            case 'b' -> BOUNDARY;
            case 'w' -> WORD;
            case 'd' -> "\\p{Nd}";
            case 's' -> inClass ? SPACES : "[" + SPACES + "]";
            default -> "\\" + escape;
        };
    }

    /** The number of leftmost, non-overlapping matches. */
    static long count(Pattern pattern, String text) {
        return pattern.matcher(text).results().count();
    }

    /** The number of leftmost, non-overlapping occurrences of a literal. */
    static long count(String literal, String text) {
        long count = 0;
        for (int at = text.indexOf(literal); at >= 0; at = text.indexOf(literal, at + literal.length())) {
            count++;
        }
        return count;
    }

    /** The text without white space at both ends. */
    static String strip(String text) {
        int begin = 0;
        int end = text.length();
        while (begin < end && isSpace(text.charAt(begin))) {
            begin++;
        }
        while (begin < end && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(begin, end);
    }

    /** The pieces between runs of white space. */
    static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        int begin = 0;
        for (int i = 0; i <= text.length(); i++) {
            if (i == text.length() || isSpace(text.charAt(i))) {
                if (i > begin) {
                    words.add(text.substring(begin, i));
                }
                begin = i + 1;
            }
        }
        return words;
    }

    /** True for characters that {@code str.isspace} accepts; all are in the basic plane. */
    private static boolean isSpace(char c) {
        return c >= '\t' && c <= '\r' || c >= 0x1c && c <= 0x20 || c == 0x85 || Character.isSpaceChar(c);
    }

    /** The number of code points. */
    static int length(String text) {
        return text.codePointCount(0, text.length());
    }
}
