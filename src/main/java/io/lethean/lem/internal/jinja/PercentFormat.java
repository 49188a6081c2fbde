package io.lethean.lem.internal.jinja;

import io.lethean.lem.internal.jinja.Value.Text;
import java.util.List;

/** Strings with percent placeholders, as Python's {@code %} operator and Jinja's {@code format} filter fill them. */
final class PercentFormat {

    private final Meter meter;
    private final String pattern;
    private final Arguments arguments;
    private final StringBuilder out = new StringBuilder();
    private int position;
    private int used;
    private boolean loose;

    private PercentFormat(Meter meter, String pattern, Arguments arguments, boolean loose) {
        this.meter = meter;
        this.pattern = pattern;
        this.arguments = arguments;
        this.loose = loose;
    }

    /**
     * Fills the placeholders.
     *
     * @param loose whether values may be left over
     */
    static Text format(Meter meter, String pattern, Arguments arguments, boolean loose) {
        return new PercentFormat(meter, pattern, arguments, loose).format();
    }

    private Text format() {
        meter.text(pattern.length());
        while (position < pattern.length()) {
            char c = pattern.charAt(position++);
            if (c == '%') {
                placeholder();
            } else {
                out.append(c);
            }
        }
        if (!loose && used < arguments.positional().size()) {
            throw TemplateError.failed("a format has fewer placeholders than it is given values");
        }
        return new Text(out.toString());
    }

    private void placeholder() {
        meter.step();
        String key = current() == '(' ? key() : null;
        StringBuilder flags = new StringBuilder();
        while (current() != '\0' && "-+ #0".indexOf(current()) >= 0) {
            flags.append(pattern.charAt(position++));
        }
        long width = number();
        long precision = -1;
        if (current() == '.') {
            position++;
            precision = Math.max(0, number());
        }
        while (current() == 'l' || current() == 'h' || current() == 'L') {
            position++;
        }
        char type = current();
        position++;
        if (type == '%') {
            out.append('%');
            return;
        }
        if ("diouxXeEfFgGcrs".indexOf(type) < 0 || type == '\0') {
            throw TemplateError.failed("a format has a placeholder of an unknown kind");
        }
        Value value = key == null ? next() : named(key);
        out.append(spec(flags.toString(), Math.max(0, width), precision, type)
                .apply(meter, value)
                .value());
    }

    private static FormatSpec spec(String flags, long width, long precision, char type) {
        boolean left = flags.indexOf('-') >= 0;
        boolean zero = flags.indexOf('0') >= 0 && !left && "crs".indexOf(type) < 0;
        char sign = flags.indexOf('+') >= 0 ? '+' : flags.indexOf(' ') >= 0 ? ' ' : '-';
        char align = left ? '<' : zero ? '=' : '>';
        return new FormatSpec(zero ? "0" : " ", align, sign, flags.indexOf('#') >= 0, width, '\0', precision, type);
    }

    private String key() {
        int end = pattern.indexOf(')', position);
        if (end < 0) {
            throw TemplateError.failed("a format has a placeholder without its closing parenthesis");
        }
        String key = pattern.substring(position + 1, end);
        position = end + 1;
        return key;
    }

    /** Digits, a star for the next value, or -1 for neither. */
    private long number() {
        if (current() == '*') {
            position++;
            return Numbers.toLong(next());
        }
        long number = -1;
        while (current() >= '0' && current() <= '9') {
            number = Math.min(Math.max(0, number) * 10 + (current() - '0'), 1L << 40);
            position++;
        }
        return number;
    }

    private char current() {
        return position < pattern.length() ? pattern.charAt(position) : '\0';
    }

    private Value next() {
        if (used >= arguments.positional().size()) {
            throw TemplateError.failed("a format has more placeholders than it is given values");
        }
        return arguments.positional().get(used++);
    }

    private Value named(String key) {
        loose = true;
        Value value = arguments.named().get(key);
        List<Value> positional = arguments.positional();
        if (value == null && positional.size() == 1 && positional.getFirst() instanceof Value.Dict dict) {
            value = dict.get(Keys.ofText(key));
        }
        if (value == null) {
            throw TemplateError.failed("a format is given no value named '" + key + "'");
        }
        return value;
    }
}
