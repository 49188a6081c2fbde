package io.lethean.lem.internal.schema;

import io.lethean.lem.GrammarException;

/** A pattern that is being read. */
final class PatternText {

    private final String pattern;
    private final String place;
    private int position;

    PatternText(String pattern, String place) {
        this.pattern = pattern;
        this.place = place;
    }

    boolean atEnd() {
        return position == pattern.length();
    }

    int position() {
        return position;
    }

    boolean lookingAt(String expected) {
        return pattern.startsWith(expected, position);
    }

    boolean skip(String expected) {
        boolean there = lookingAt(expected);
        position += there ? expected.length() : 0;
        return there;
    }

    int peek() {
        return pattern.codePointAt(position);
    }

    int next() {
        if (atEnd()) {
            throw refused("it ends too early");
        }
        int character = peek();
        position += Character.charCount(character);
        return character;
    }

    /** What comes before a character, which is skipped too. */
    String until(char end) {
        int found = pattern.indexOf(end, position);
        if (found < 0) {
            throw refused("a closing " + end + " is missing");
        }
        String before = pattern.substring(position, found);
        position = found + 1;
        return before;
    }

    /** The value of the next {@code digits} hexadecimal digits. */
    int hex(int digits) {
        if (position + digits > pattern.length()) {
            throw refused("an escape has too few hexadecimal digits");
        }
        String written = pattern.substring(position, position + digits);
        position += digits;
        return hex(written);
    }

    int hex(String digits) {
        if (!digits.matches("[0-9A-Fa-f]{1,8}")) {
            throw refused("an escape has no hexadecimal digits");
        }
        long value = Long.parseLong(digits, 16);
        if (value > Character.MAX_CODE_POINT) {
            throw refused("an escape stands for no Unicode character");
        }
        return (int) value;
    }

    GrammarException refused(String reason) {
        return new GrammarException("The JSON Schema cannot be used: pattern \"" + pattern + "\" at " + place
                + " is not enforced: " + reason + " (near character " + (position + 1) + ").");
    }
}
