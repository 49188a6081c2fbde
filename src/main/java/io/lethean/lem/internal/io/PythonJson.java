package io.lethean.lem.internal.io;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON text exactly as Python's {@code json.dumps} writes it by default, so that files can be compared byte for byte.
 *
 * <p>Members are separated by {@code ", "} and {@code ": "}, everything outside printable ASCII is escaped, and numbers
 * take Python's forms: {@code 6.0}, {@code 1e-05}, {@code 1e+16}.
 */
public final class PythonJson {

    private static final String HEX = "0123456789abcdef";

    private PythonJson() {}

    /**
     * Writes a value on one line.
     *
     * @param value a {@code Map} with string keys (its order is kept), a {@code List}, a {@code
     *     String}, {@code Boolean}, {@code Integer}, {@code Long}, {@code BigInteger}, {@code Double} or null
     * @throws IllegalArgumentException if it holds anything else
     */
    public static String write(@Nullable Object value) {
        StringBuilder out = new StringBuilder();
        append(out, value, true);
        return out.toString();
    }

    /** As {@link #write}, with characters outside ASCII as they are ({@code ensure_ascii=False}). */
    public static String readable(@Nullable Object value) {
        StringBuilder out = new StringBuilder();
        append(out, value, false);
        return out.toString();
    }

    private static void append(StringBuilder out, @Nullable Object value, boolean ascii) {
        switch (value) {
            case null -> out.append("null");
            case String text -> appendText(out, text, ascii);
            case Boolean truth -> out.append(truth);
            case Integer number -> out.append(number);
            case Long number -> out.append(number);
            case BigInteger number -> out.append(number);
            case Double number -> out.append(number(number));
            case Map<?, ?> object -> appendObject(out, object, ascii);
            case List<?> array -> appendArray(out, array, ascii);
            default ->
                throw new IllegalArgumentException(
                        "JSON has no form for a value of " + value.getClass().getName() + ".");
        }
    }

    private static void appendObject(StringBuilder out, Map<?, ?> object, boolean ascii) {
        out.append('{');
        String separator = "";
        for (Map.Entry<?, ?> member : object.entrySet()) {
            out.append(separator);
            appendText(out, (String) member.getKey(), ascii);
            out.append(": ");
            append(out, member.getValue(), ascii);
            separator = ", ";
        }
        out.append('}');
    }

    private static void appendArray(StringBuilder out, List<?> array, boolean ascii) {
        out.append('[');
        String separator = "";
        for (Object element : array) {
            out.append(separator);
            append(out, element, ascii);
            separator = ", ";
        }
        out.append(']');
    }

    /**
     * Writes a text in quotes.
     *
     * @param ascii whether to escape everything outside printable ASCII, or only what JSON forbids
     */
    public static void appendText(StringBuilder out, String text, boolean ascii) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\f' -> out.append("\\f");
                case '\b' -> out.append("\\b");
                default -> {
                    if (c < ' ' || ascii && c > '~') {
                        appendEscape(out, c);
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    private static void appendEscape(StringBuilder out, char c) {
        out.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
            out.append(HEX.charAt(c >> shift & 0xF));
        }
    }

    /**
     * A number as Python's {@code repr} prints a float: the fewest digits that read back as the same number, and an
     * exponent below 1e-4 and from 1e16 on.
     */
    static String number(double value) {
        if (!Double.isFinite(value)) {
            return Double.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
        }
        if (value == 0) {
            return 1 / value > 0 ? "0.0" : "-0.0";
        }
        BigDecimal shortest = shortest(Math.abs(value));
        String digits = shortest.unscaledValue().toString();
        int exponent = digits.length() - 1 - shortest.scale();
        String sign = value < 0 ? "-" : "";
        return sign + (exponent < -4 || exponent >= 16 ? scientific(digits, exponent) : plain(shortest));
    }

    /**
     * The shortest decimal that reads back as the number. {@link Double#toString} writes two digits at least, and where
     * one would do the second need not be a zero: 4.9E-324 for Python's 5e-324.
     */
    private static BigDecimal shortest(double value) {
        BigDecimal exact = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        if (exact.precision() == 2) {
            BigDecimal oneDigit = exact.round(new MathContext(1)).stripTrailingZeros();
            if (oneDigit.doubleValue() == value) {
                return oneDigit;
            }
        }
        return exact;
    }

    private static String scientific(String digits, int exponent) {
        String mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
        int size = Math.abs(exponent);
        return mantissa + "e" + (exponent < 0 ? "-" : "+") + (size < 10 ? "0" : "") + size;
    }

    private static String plain(BigDecimal number) {
        return number.scale() <= 0 ? number.toPlainString() + ".0" : number.toPlainString();
    }
}
