package io.lethean.lem.internal.jinja;

import io.lethean.lem.internal.jinja.Value.Text;

/** Strings with placeholders in braces, as Python's {@code str.format} fills them. */
final class BraceFormat {

    private final Meter meter;
    private final Arguments arguments;
    private int used;

    private BraceFormat(Meter meter, Arguments arguments) {
        this.meter = meter;
        this.arguments = arguments;
    }

    static Text format(Meter meter, String pattern, Arguments arguments) {
        return new Text(new BraceFormat(meter, arguments).fill(pattern, true));
    }

    /** Fills a pattern; a format specification is one too, but holds no further specifications. */
    private String fill(String pattern, boolean outer) {
        meter.text(pattern.length());
        StringBuilder out = new StringBuilder();
        int position = 0;
        while (position < pattern.length()) {
            char c = pattern.charAt(position);
            if ((c == '{' || c == '}') && pattern.startsWith(String.valueOf(c), position + 1) && outer) {
                out.append(c);
                position += 2;
            } else if (c == '{') {
                int end = end(pattern, position);
                String text = placeholder(pattern.substring(position + 1, end), outer);
                meter.text(text.length());
                out.append(text);
                position = end + 1;
            } else if (c == '}') {
                throw TemplateError.failed("a format has a closing brace that closes nothing");
            } else {
                out.append(c);
                position++;
            }
        }
        return out.toString();
    }

    private static int end(String pattern, int open) {
        int depth = 0;
        for (int i = open; i < pattern.length(); i++) {
            depth += pattern.charAt(i) == '{' ? 1 : pattern.charAt(i) == '}' ? -1 : 0;
            if (depth == 0) {
                return i;
            }
        }
        throw TemplateError.failed("a format has a placeholder without its closing brace");
    }

    private String placeholder(String inner, boolean outer) {
        meter.step();
        int colon = inner.indexOf(':');
        String field = colon < 0 ? inner : inner.substring(0, colon);
        String spec = colon < 0 ? "" : inner.substring(colon + 1);
        int bang = field.indexOf('!');
        Value value = field(bang < 0 ? field : field.substring(0, bang));
        if (bang >= 0) {
            value = converted(value, field.substring(bang + 1));
        }
        if (spec.isEmpty()) {
            return PythonText.str(meter, value);
        }
        return spec(outer ? fill(spec, false) : spec).apply(meter, value).value();
    }

    private Value converted(Value value, String conversion) {
        return switch (conversion) {
            case "s" -> new Text(PythonText.str(meter, value));
            case "r", "a" -> new Text(PythonText.repr(meter, value));
            default -> throw TemplateError.failed("a format has the unknown conversion '" + conversion + "'");
        };
    }

    /** A value by position or name, followed by members and elements. */
    private Value field(String path) {
        int end = 0;
        while (end < path.length() && path.charAt(end) != '.' && path.charAt(end) != '[') {
            end++;
        }
        Value value = argument(path.substring(0, end));
        while (end < path.length()) {
            boolean member = path.charAt(end) == '.';
            int next = member ? nextStop(path, end + 1) : path.indexOf(']', end) + 1;
            if (next <= end) {
                throw TemplateError.failed("a format has an index without its closing bracket");
            }
            value = member
                    ? Access.member(meter, value, path.substring(end + 1, next))
                    : Access.element(meter, value, index(path.substring(end + 1, next - 1)));
            end = next;
        }
        return value;
    }

    private static int nextStop(String path, int from) {
        int end = from;
        while (end < path.length() && path.charAt(end) != '.' && path.charAt(end) != '[') {
            end++;
        }
        return end;
    }

    private static Value index(String text) {
        return isNumber(text) ? new Value.Int(Long.parseLong(text)) : new Text(text);
    }

    private static boolean isNumber(String text) {
        return !text.isEmpty() && text.length() < 10 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private Value argument(String name) {
        Value value = null;
        if (name.isEmpty() || isNumber(name)) {
            int index = name.isEmpty() ? used++ : Integer.parseInt(name);
            value = index < arguments.positional().size()
                    ? arguments.positional().get(index)
                    : null;
        } else {
            value = arguments.named().get(name);
        }
        if (value == null) {
            throw TemplateError.failed("a format is given no value for the placeholder '{" + name + "}'");
        }
        return value;
    }

    /** Reads fill and align, sign, #, 0, width, grouping, precision, type, each of which may be missing. */
    private static FormatSpec spec(String text) {
        int[] at = {0};
        String fill = " ";
        char align = ' ';
        int first = text.isEmpty() ? 0 : Character.charCount(text.codePointAt(0));
        if (text.length() > first && "<>=^".indexOf(text.charAt(first)) >= 0) {
            fill = text.substring(0, first);
            align = text.charAt(first);
            at[0] = first + 1;
        } else if (!text.isEmpty() && "<>=^".indexOf(text.charAt(0)) >= 0) {
            align = text.charAt(0);
            at[0] = 1;
        }
        char sign = take(text, at, "+- ", '-');
        boolean alternate = take(text, at, "#", '\0') == '#';
        if (take(text, at, "0", '\0') == '0' && align == ' ') {
            fill = "0";
            align = '=';
        }
        long width = Math.max(0, number(text, at));
        char grouping = take(text, at, ",_", '\0');
        long precision = take(text, at, ".", '\0') == '.' ? Math.max(0, number(text, at)) : -1;
        char type = take(text, at, "sdbcoxXeEfFgGn%", '\0');
        if (at[0] < text.length()) {
            throw TemplateError.failed("'" + text + "' is not a format of a placeholder");
        }
        return new FormatSpec(fill, align, sign, alternate, width, grouping, precision, type);
    }

    private static char take(String text, int[] at, String wanted, char otherwise) {
        return at[0] < text.length() && wanted.indexOf(text.charAt(at[0])) >= 0 ? text.charAt(at[0]++) : otherwise;
    }

    private static long number(String text, int[] at) {
        long number = -1;
        while (at[0] < text.length() && text.charAt(at[0]) >= '0' && text.charAt(at[0]) <= '9') {
            number = Math.min(Math.max(0, number) * 10 + (text.charAt(at[0]++) - '0'), 1L << 40);
        }
        return number;
    }
}
