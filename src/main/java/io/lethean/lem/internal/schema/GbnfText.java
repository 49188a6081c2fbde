package io.lethean.lem.internal.schema;

import io.lethean.lem.internal.schema.CodePoints.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Pieces of GBNF: literals, character classes, and the ways to write characters within strings of JSON. */
public final class GbnfText {

    /** Any character of a string. */
    static final String CHARACTER = "char";

    private static final CodePoints ESCAPED = CodePoints.range(0, 0x1F).or(CodePoints.anyOf("\"\\"));
    private static final CodePoints UNESCAPED = ESCAPED.not();
    private static final String SHORT_ESCAPES = "\"\\\b\f\n\r\t";
    private static final String SHORT_LETTERS = "\"\\bfnrt";

    /** White space is short, so that no model writes it without end. */
    static final String SHARED_RULES = """
            ws ::= | " " | "\\n" (" "{1,40} | "\\t"{1,10})?
            sp ::= | " "
            """ + "char ::= " + String.join(" | ", inString(CodePoints.ALL)) + "\n";

    private GbnfText() {}

    /** A literal. */
    public static String literal(String text) {
        StringBuilder gbnf = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            if (c == '"' || c == '\\') {
                gbnf.append('\\').appendCodePoint(c);
            } else if (c < 0x20 || c == 0x7F) {
                gbnf.append(hex(c));
            } else {
                gbnf.appendCodePoint(c);
            }
        });
        return gbnf.append('"').toString();
    }

    /** A string of JSON, quotes included. */
    static String quoted(String text) {
        StringBuilder json = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            int index = SHORT_ESCAPES.indexOf(c);
            if (index >= 0) {
                json.append('\\').append(SHORT_LETTERS.charAt(index));
            } else if (c < 0x20) {
                json.append(String.format(Locale.ROOT, "\\u%04x", c));
            } else {
                json.appendCodePoint(c);
            }
        });
        return json.append('"').toString();
    }

    /** One character of a set, written as it is. */
    static String characters(CodePoints set) {
        StringBuilder gbnf = new StringBuilder("[");
        for (Range range : set.ranges()) {
            gbnf.append(inClass(range.first()));
            if (range.last() > range.first()) {
                gbnf.append('-').append(inClass(range.last()));
            }
        }
        return gbnf.append(']').toString();
    }

    private static String inClass(int character) {
        boolean plain = character < 0x80 && Character.isLetterOrDigit(character);
        return plain ? Character.toString(character) : hex(character);
    }

    private static String hex(int character) {
        String form = character < 0x80 ? "\\x%02X" : character < 0x10000 ? "\\u%04X" : "\\U%08X";
        return String.format(Locale.ROOT, form, character);
    }

    /** The ways to write one character of a set within a string of JSON. */
    static List<String> inString(CodePoints set) {
        List<String> ways = new ArrayList<>();
        CodePoints unescaped = set.and(UNESCAPED);
        if (!unescaped.isEmpty()) {
            ways.add(characters(unescaped));
        }
        CodePoints letters = CodePoints.NONE;
        for (int i = 0; i < SHORT_ESCAPES.length(); i++) {
            if (set.contains(SHORT_ESCAPES.charAt(i))) {
                letters = letters.or(CodePoints.of(SHORT_LETTERS.charAt(i)));
            }
        }
        if (!letters.isEmpty()) {
            ways.add("\"\\\\\" " + characters(letters));
        }
        CodePoints controls = set.and(CodePoints.range(0, 0x1F))
                .and(CodePoints.anyOf(SHORT_ESCAPES).not());
        for (int high = 0; high <= 1; high++) {
            CodePoints digits = CodePoints.NONE;
            for (int low = 0; low < 16; low++) {
                if (controls.contains(16 * high + low)) {
                    String digit = Integer.toHexString(low);
                    digits = digits.or(CodePoints.anyOf(digit + digit.toUpperCase(Locale.ROOT)));
                }
            }
            if (!digits.isEmpty()) {
                ways.add("\"\\\\u00" + high + "\" " + characters(digits));
            }
        }
        return ways;
    }
}
