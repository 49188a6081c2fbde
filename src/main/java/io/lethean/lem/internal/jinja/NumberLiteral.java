package io.lethean.lem.internal.jinja;

import java.util.Locale;

/** How Python writes numbers in source: digits with single underscores, bases 2, 8 and 16, fractions, exponents. */
final class NumberLiteral {

    private NumberLiteral() {}

    /** Where the number that begins at an index ends; after a dot it is an index, and has no fraction. */
    static int end(String source, int start, boolean afterDot) {
        int base = base(source, start);
        if (base != 10) {
            return digits(source, start + 2, base);
        }
        int whole = digits(source, start, 10);
        if (afterDot) {
            return whole;
        }
        int end = whole;
        if (at(source, end) == '.' && isDigit(at(source, end + 1), 10)) {
            end = digits(source, end + 1, 10);
        }
        if (at(source, end) == 'e' || at(source, end) == 'E') {
            int exponent = at(source, end + 1) == '+' || at(source, end + 1) == '-' ? end + 2 : end + 1;
            end = isDigit(at(source, exponent), 10) ? digits(source, exponent, 10) : end;
        }
        return end;
    }

    static boolean isReal(String literal) {
        return base(literal, 0) == 10
                && (literal.indexOf('.') >= 0
                        || literal.toLowerCase(Locale.ROOT).indexOf('e') >= 0);
    }

    static Value value(Token token) {
        String digits = token.text().replace("_", "");
        if (token.is(Token.Kind.REAL)) {
            return new Value.Real(Double.parseDouble(digits));
        }
        int base = base(digits, 0);
        try {
            return new Value.Int(Long.parseLong(base == 10 ? digits : digits.substring(2), base));
        } catch (NumberFormatException e) {
            throw TemplateError.syntax(token.line(), "the integer " + token.description() + " does not fit 64 bits");
        }
    }

    private static int base(String source, int start) {
        if (at(source, start) != '0') {
            return 10;
        }
        int base = switch (at(source, start + 1)) {
            case 'x', 'X' -> 16;
            case 'o', 'O' -> 8;
            case 'b', 'B' -> 2;
            default -> 10;
        };
        return base == 10 || isDigit(at(source, start + 2), base) ? base : 10;
    }

    private static int digits(String source, int start, int base) {
        int end = start;
        while (isDigit(at(source, end), base) || at(source, end) == '_' && isDigit(at(source, end + 1), base)) {
            end++;
        }
        return end;
    }

    private static boolean isDigit(char c, int base) {
        return c < 128 && Character.digit(c, base) >= 0;
    }

    private static char at(String source, int index) {
        return index < source.length() ? source.charAt(index) : '\0';
    }
}
