package io.lethean.lem.internal.jinja;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/**
 * How a value is formatted, as in Python's format specifications and percent formats.
 *
 * @param fill the character that pads
 * @param align {@code <}, {@code >}, {@code ^}, {@code =} (padding after the sign), or a space for the type's default
 * @param sign {@code +} or a space before numbers that are not negative, otherwise {@code -}
 * @param alternate whether prefixes such as 0x are shown
 * @param width minimum number of characters
 * @param grouping the separator of groups of three digits, or NUL
 * @param precision digits or characters, below 0 if it is not given
 * @param type the letter, or NUL
 */
record FormatSpec(
        String fill, char align, char sign, boolean alternate, long width, char grouping, long precision, char type) {

    static final FormatSpec PLAIN = new FormatSpec(" ", ' ', '-', false, 0, '\0', -1, '\0');

    /** No real format asks for more digits, and doubles have no more than 767 of their own. */
    private static final int MOST_DIGITS = 1100;

    Value.Text apply(Meter meter, Value value) {
        return switch (type) {
            case '\0', 's' ->
                Numbers.isNumber(value) && type == '\0' && !(value instanceof Value.Bool)
                        ? number(meter, value)
                        : text(meter, PythonText.str(meter, value));
            case 'r' -> text(meter, PythonText.repr(meter, value));
            case 'c' -> text(meter, character(value));
            case 'd', 'i', 'u', 'b', 'o', 'x', 'X', 'e', 'E', 'f', 'F', 'g', 'G', '%', 'n' -> number(meter, value);
            default -> throw TemplateError.failed("a format has the unknown type '" + type + "'");
        };
    }

    private static String character(Value value) {
        if (value instanceof Value.Text(String text) && Characters.length(text) == 1) {
            return text;
        }
        long code = Numbers.toLong(value);
        if (code < 0 || code > Character.MAX_CODE_POINT) {
            throw TemplateError.failed("the number " + code + " is not a character");
        }
        return Character.toString((int) code);
    }

    private Value.Text text(Meter meter, String text) {
        meter.scan(text.length());
        String shown = precision >= 0 && precision < Characters.length(text)
                ? text.substring(0, Characters.offset(text, (int) precision))
                : text;
        return pad(meter, "", shown, '<');
    }

    private Value.Text number(Meter meter, Value value) {
        // Exact decimal digits of a large double are costly.
        meter.steps(64 + Math.min(Math.max(0, precision), MOST_DIGITS));
        boolean integral = "diuboxXn".indexOf(type) >= 0 || type == '\0' && !(value instanceof Value.Real);
        String digits = integral ? integer(value) : real(Numbers.toDouble(value));
        boolean negative = digits.startsWith("-");
        String prefix = negative ? "-" : sign == '-' ? "" : String.valueOf(sign);
        String unsigned = negative ? digits.substring(1) : digits;
        if (alternate && "xXob".indexOf(type) >= 0) {
            prefix += "0" + type;
        }
        return pad(meter, prefix, grouped(unsigned), '>');
    }

    private String integer(Value value) {
        long number = value instanceof Value.Real(double real) && real > -0x1p63 && real < 0x1p63
                ? (long) real
                : Numbers.toLong(value);
        return switch (type) {
            case 'b' -> Long.toString(number, 2);
            case 'o' -> Long.toString(number, 8);
            case 'x' -> Long.toString(number, 16);
            case 'X' -> Long.toString(number, 16).toUpperCase(Locale.ROOT);
            default -> Long.toString(number);
        };
    }

    private String real(double number) {
        if (!Double.isFinite(number)) {
            return Numbers.text(number);
        }
        int digits = (int) Math.min(precision < 0 ? 6 : precision, MOST_DIGITS);
        return switch (type) {
            case '\0' -> precision < 0 ? Numbers.text(number) : general(number, Math.max(1, digits), true);
            case 'g', 'G' -> upper(general(number, Math.max(1, digits), false));
            case 'e', 'E' -> upper(exponential(number, digits));
            case '%' -> fixed(number * 100, digits) + "%";
            default -> fixed(number, digits);
        };
    }

    private String upper(String text) {
        return Character.isUpperCase(type) ? text.toUpperCase(Locale.ROOT) : text;
    }

    private static String fixed(double number, int digits) {
        String text =
                new BigDecimal(number).setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
        return number < 0 && !text.startsWith("-") ? "-" + text : text;
    }

    private static String exponential(double number, int digits) {
        BigDecimal rounded = new BigDecimal(number).round(new MathContext(digits + 1, RoundingMode.HALF_EVEN));
        int exponent = number == 0 ? 0 : rounded.precision() - rounded.scale() - 1;
        String mantissa =
                fixed(number == 0 ? 0 : rounded.movePointLeft(exponent).doubleValue(), digits);
        return mantissa + (exponent < 0 ? "e-" : "e+") + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
    }

    private String general(double number, int digits, boolean asReal) {
        BigDecimal rounded = new BigDecimal(number).round(new MathContext(digits, RoundingMode.HALF_EVEN));
        int exponent = number == 0 ? 0 : rounded.precision() - rounded.scale() - 1;
        if (exponent < -4 || exponent >= digits) {
            String text = exponential(number, digits - 1);
            int at = text.indexOf('e');
            return withoutZeros(text.substring(0, at)) + text.substring(at);
        }
        String text = withoutZeros(fixed(number, Math.max(0, digits - 1 - exponent)));
        return asReal && text.indexOf('.') < 0 ? text + ".0" : text;
    }

    private String withoutZeros(String text) {
        if (alternate || text.indexOf('.') < 0) {
            return text;
        }
        int end = text.length();
        while (text.charAt(end - 1) == '0') {
            end--;
        }
        return text.substring(0, text.charAt(end - 1) == '.' ? end - 1 : end);
    }

    private String grouped(String digits) {
        int end = digits.indexOf('.') < 0 ? digits.length() : digits.indexOf('.');
        if (grouping == '\0' || !digits.substring(0, end).chars().allMatch(Character::isDigit)) {
            return digits;
        }
        StringBuilder text = new StringBuilder(digits);
        for (int at = end - 3; at > 0; at -= 3) {
            text.insert(at, grouping);
        }
        return text.toString();
    }

    private Value.Text pad(Meter meter, String prefix, String body, char usual) {
        long missing = Math.max(0, width - Characters.length(body) - prefix.length());
        meter.text(Math.min(missing, Long.MAX_VALUE / 2) + prefix.length() + body.length());
        int count = (int) missing;
        return new Value.Text(
                switch (align == ' ' ? usual : align) {
                    case '<' -> prefix + body + fill.repeat(count);
                    case '=' -> prefix + fill.repeat(count) + body;
                    case '^' -> fill.repeat(count / 2) + prefix + body + fill.repeat(count - count / 2);
                    default -> fill.repeat(count) + prefix + body;
                });
    }
}
