package io.lethean.lem.internal.jinja;

/** The escape sequences of Python string literals. */
final class Escapes {

    private final String literal;
    private final int line;
    private final StringBuilder out;
    private int position;

    private Escapes(String literal, int line) {
        this.literal = literal;
        this.line = line;
        this.out = new StringBuilder(literal.length());
    }

    /** What a literal without its quotes stands for. */
    static String decode(String literal, int line) {
        return literal.indexOf('\\') < 0 ? literal : new Escapes(literal, line).decode();
    }

    private String decode() {
        while (position < literal.length()) {
            char c = literal.charAt(position++);
            if (c == '\\') {
                escape(literal.charAt(position++));
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    private void escape(char c) {
        switch (c) {
            case '\n' -> {}
            case '\\', '\'', '"' -> out.append(c);
            case 'a' -> out.append('\u0007');
            case 'b' -> out.append('\b');
            case 'f' -> out.append('\f');
            case 'n' -> out.append('\n');
            case 'r' -> out.append('\r');
            case 't' -> out.append('\t');
            case 'v' -> out.append('\u000b');
            case 'x' -> number(2);
            case 'u' -> number(4);
            case 'U' -> number(8);
            case 'N' -> named();
            case '0', '1', '2', '3', '4', '5', '6', '7' -> octal();
            // As in Python, a backslash before anything else stands for itself.
            default -> out.append('\\').append(c);
        }
    }

    private void number(int digits) {
        int end = position + digits;
        try {
            if (end > literal.length()) {
                throw new NumberFormatException();
            }
            out.appendCodePoint(Integer.parseUnsignedInt(literal, position, end, 16));
        } catch (IllegalArgumentException e) {
            throw TemplateError.syntax(line, "a string has a \\x, \\u or \\U without a character's number after it");
        }
        position = end;
    }

    private void octal() {
        int code = 0;
        position--;
        for (int i = 0; i < 3 && position < literal.length(); i++) {
            int digit = Character.digit(literal.charAt(position), 8);
            if (digit < 0) {
                break;
            }
            code = code * 8 + digit;
            position++;
        }
        out.append((char) code);
    }

    private void named() {
        int end = literal.indexOf('}', position);
        try {
            if (end < 0 || literal.charAt(position) != '{') {
                throw new IllegalArgumentException();
            }
            out.appendCodePoint(Character.codePointOf(literal.substring(position + 1, end)));
        } catch (IllegalArgumentException e) {
            throw TemplateError.syntax(line, "a string has a \\N without the name of a character after it");
        }
        position = end + 1;
    }
}
