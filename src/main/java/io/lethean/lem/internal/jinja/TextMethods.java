package io.lethean.lem.internal.jinja;

import io.lethean.lem.internal.jinja.Arguments.Bound;
import io.lethean.lem.internal.jinja.Value.Text;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Methods of strings. Those that cut strings into pieces are in {@link TextPieces}. */
final class TextMethods {

    private static final Map<String, Method<Text>> BY_NAME = all();

    private TextMethods() {}

    private static Map<String, Method<Text>> all() {
        Map<String, Method<Text>> methods = new HashMap<>(TextPieces.all());
        methods.put("capitalize", changed(TextMethods::capitalized));
        methods.put("casefold", changed(TextMethods::folded));
        methods.put("center", (meter, self, arguments) -> padded(meter, self, arguments, "center"));
        methods.put("count", TextMethods::count);
        methods.put("endswith", (meter, self, arguments) -> edge(meter, self, arguments, "endswith", String::endsWith));
        methods.put("find", (meter, self, arguments) -> find(meter, self, arguments, "find", false));
        methods.put("format", (meter, self, arguments) -> BraceFormat.format(meter, self.value(), arguments));
        methods.put("index", (meter, self, arguments) -> find(meter, self, arguments, "index", false));
        methods.put("join", TextMethods::join);
        methods.put("ljust", (meter, self, arguments) -> padded(meter, self, arguments, "ljust"));
        methods.put("lower", changed(text -> text.toLowerCase(Locale.ROOT)));
        methods.put("lstrip", (meter, self, arguments) -> strip(meter, self.value(), arguments, true, false));
        methods.put("removeprefix", TextMethods::removePrefix);
        methods.put("removesuffix", TextMethods::removeSuffix);
        methods.put("replace", TextMethods::replace);
        methods.put("rfind", (meter, self, arguments) -> find(meter, self, arguments, "rfind", true));
        methods.put("rindex", (meter, self, arguments) -> find(meter, self, arguments, "rindex", true));
        methods.put("rjust", (meter, self, arguments) -> padded(meter, self, arguments, "rjust"));
        methods.put("rstrip", (meter, self, arguments) -> strip(meter, self.value(), arguments, false, true));
        methods.put(
                "startswith",
                (meter, self, arguments) -> edge(meter, self, arguments, "startswith", String::startsWith));
        methods.put("strip", (meter, self, arguments) -> strip(meter, self.value(), arguments, true, true));
        methods.put("swapcase", changed(TextMethods::swapped));
        methods.put("title", changed(TextMethods::titled));
        methods.put("upper", changed(text -> text.toUpperCase(Locale.ROOT)));
        methods.put("zfill", TextMethods::zeroFilled);
        addQuestions(methods);
        return Map.copyOf(methods);
    }

    private static void addQuestions(Map<String, Method<Text>> methods) {
        methods.put("isalnum", each(Character::isLetterOrDigit));
        methods.put("isalpha", each(Character::isLetter));
        methods.put("isdecimal", each(c -> Character.getType(c) == Character.DECIMAL_DIGIT_NUMBER));
        methods.put("isdigit", each(Character::isDigit));
        methods.put("isnumeric", each(Character::isDigit));
        methods.put("isspace", each(Characters::isSpace));
        methods.put("islower", whole(text -> hasCase(text) && text.equals(text.toLowerCase(Locale.ROOT))));
        methods.put("isupper", whole(text -> hasCase(text) && text.equals(text.toUpperCase(Locale.ROOT))));
        methods.put("istitle", whole(text -> hasCase(text) && text.equals(titled(text))));
    }

    static @Nullable Value bind(Text self, String name) {
        Method<Text> method = BY_NAME.get(name);
        return method == null ? null : method.bindTo(self, name);
    }

    private static Method<Text> changed(UnaryOperator<String> change) {
        return (meter, self, arguments) -> {
            arguments.bind("this method", 0);
            meter.text(self.value().length());
            return new Text(change.apply(self.value()));
        };
    }

    private static Method<Text> each(IntPredicate wanted) {
        return whole(text -> !text.isEmpty() && text.codePoints().allMatch(wanted));
    }

    private static Method<Text> whole(Predicate<String> wanted) {
        return (meter, self, arguments) -> {
            arguments.bind("this method", 0);
            meter.text(self.value().length());
            return Value.Bool.of(wanted.test(self.value()));
        };
    }

    static boolean hasCase(String text) {
        return text.codePoints().anyMatch(c -> Character.isUpperCase(c) || Character.isLowerCase(c));
    }

    static String capitalized(String text) {
        int first = text.isEmpty() ? 0 : Character.charCount(text.codePointAt(0));
        return text.substring(0, first).toUpperCase(Locale.ROOT)
                + text.substring(first).toLowerCase(Locale.ROOT);
    }

    /** Capitals between two lower cases, so that what grows into several letters has grown. */
    private static String folded(String text) {
        return text.toLowerCase(Locale.ROOT).toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
    }

    /** A capital wherever a letter follows none. */
    private static String titled(String text) {
        StringBuilder titled = new StringBuilder();
        boolean inWord = false;
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int c = text.codePointAt(i);
            titled.appendCodePoint(inWord ? Character.toLowerCase(c) : Character.toTitleCase(c));
            inWord = Character.isLetter(c);
        }
        return titled.toString();
    }

    private static String swapped(String text) {
        StringBuilder swapped = new StringBuilder();
        text.codePoints()
                .mapToObj(Character::toString)
                .forEach(letter -> swapped.append(
                        Character.isUpperCase(letter.codePointAt(0))
                                ? letter.toLowerCase(Locale.ROOT)
                                : letter.toUpperCase(Locale.ROOT)));
        return swapped.toString();
    }

    static Value strip(Meter meter, String text, Arguments arguments, boolean left, boolean right) {
        Bound bound = arguments.bind("strip", 0, "chars");
        IntPredicate unwanted = Characters::isSpace;
        meter.text(text.length());
        if (bound.given(0)) {
            String characters = bound.text(0);
            meter.search(text.length(), characters.length());
            unwanted = c -> characters.indexOf(c) >= 0;
        }
        String stripped = left ? Characters.stripLeft(text, unwanted) : text;
        return new Text(right ? Characters.stripRight(stripped, unwanted) : stripped);
    }

    private static Value edge(
            Meter meter, Text self, Arguments arguments, String name, BiPredicate<String, String> test) {
        Bound bound = arguments.bind(name, 1, "part", "start", "end");
        String text = within(meter, self.value(), bound);
        if (!(bound.required(0) instanceof Value.TupleValue tuple)) {
            return Value.Bool.of(test.test(text, bound.text(0)));
        }
        boolean found = false;
        for (Value part : tuple.items()) {
            meter.step();
            found |= part instanceof Text(String end) && test.test(text, end);
        }
        return Value.Bool.of(found);
    }

    /** The part of the string that the arguments {@code start} and {@code end}, second and third, leave. */
    private static String within(Meter meter, String text, Bound bound) {
        if (!bound.given(1) && !bound.given(2)) {
            meter.scan(text.length());
            return text;
        }
        Value slice = Access.slice(meter, new Text(text), bound.value(1), bound.value(2), null);
        return ((Text) slice).value();
    }

    private static Value find(Meter meter, Text self, Arguments arguments, String name, boolean fromRight) {
        Bound bound = arguments.bind(name, 1, "part", "start", "end");
        String text = within(meter, self.value(), bound);
        String part = bound.text(0);
        meter.search(text.length(), part.length());
        int at = fromRight ? text.lastIndexOf(part) : text.indexOf(part);
        if (at < 0) {
            if (name.endsWith("index")) {
                throw TemplateError.failed("'" + name + "' does not find its string");
            }
            return new Value.Int(-1);
        }
        int length = Characters.length(self.value());
        long start = bound.integer(1, 0);
        return new Value.Int(text.codePointCount(0, at) + Math.clamp(start < 0 ? start + length : start, 0, length));
    }

    private static Value count(Meter meter, Text self, Arguments arguments) {
        Bound bound = arguments.bind("count", 1, "part", "start", "end");
        String text = within(meter, self.value(), bound);
        String part = bound.text(0);
        meter.search(text.length(), part.length());
        if (part.isEmpty()) {
            return new Value.Int(Characters.length(text) + 1);
        }
        long count = 0;
        for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
            count++;
        }
        return new Value.Int(count);
    }

    private static Value join(Meter meter, Text self, Arguments arguments) {
        StringBuilder joined = new StringBuilder();
        boolean first = true;
        for (Value item :
                Access.items(meter, arguments.bind("join", 1, "iterable").required(0))) {
            if (!(item instanceof Text(String text))) {
                throw TemplateError.failed("'join' joins strings and finds " + TypeNames.of(item));
            }
            meter.text((long) self.value().length() + text.length());
            joined.append(first ? "" : self.value()).append(text);
            first = false;
        }
        return new Text(joined.toString());
    }

    private static Value removePrefix(Meter meter, Text self, Arguments arguments) {
        String prefix = arguments.bind("removeprefix", 1, "prefix").text(0);
        return meter.created(self.value().startsWith(prefix) ? self.value().substring(prefix.length()) : self.value());
    }

    private static Value removeSuffix(Meter meter, Text self, Arguments arguments) {
        String suffix = arguments.bind("removesuffix", 1, "suffix").text(0);
        int end = self.value().length() - suffix.length();
        return meter.created(self.value().endsWith(suffix) ? self.value().substring(0, end) : self.value());
    }

    private static Value replace(Meter meter, Text self, Arguments arguments) {
        Bound bound = arguments.bind("replace", 2, "old", "new", "count");
        return replaced(meter, self.value(), bound.text(0), bound.text(1), bound.integer(2, -1));
    }

    /** Replaces the first {@code count} occurrences, all if negative; an empty string occurs between all characters. */
    static Text replaced(Meter meter, String text, String old, String with, long count) {
        meter.search(text.length(), old.length());
        meter.text(text.length());
        StringBuilder result = new StringBuilder();
        int from = 0;
        int at = text.indexOf(old);
        for (long left = count; left != 0 && at >= 0; left--) {
            meter.text(with.length());
            result.append(text, from, at).append(with);
            from = at + old.length();
            int next = old.isEmpty() && from < text.length()
                    ? from + Character.charCount(text.codePointAt(from))
                    : Math.max(from, old.isEmpty() ? text.length() + 1 : from);
            at = next > text.length() ? -1 : text.indexOf(old, next);
        }
        return new Text(result.append(text, from, text.length()).toString());
    }

    private static Value padded(Meter meter, Text self, Arguments arguments, String name) {
        Bound bound = arguments.bind(name, 1, "width", "fillchar");
        long width = bound.integer(0);
        String fill = bound.text(1, " ");
        if (Characters.length(fill) != 1) {
            throw TemplateError.failed("'" + name + "' pads with one character and is given '" + fill + "'");
        }
        if (name.equals("center")) {
            return centered(meter, self.value(), width, fill);
        }
        String padding = padding(meter, self.value(), width, fill);
        return meter.created(name.equals("ljust") ? self.value() + padding : padding + self.value());
    }

    private static String padding(Meter meter, String text, long width, String fill) {
        long missing = Math.max(0, width - Characters.length(text));
        meter.text(2 * Math.min(missing, Long.MAX_VALUE / 2));
        return fill.repeat((int) missing);
    }

    /** As Python does it: the odd character of padding goes left if the width is odd, else right. */
    static Value centered(Meter meter, String text, long width, String fill) {
        meter.scan(text.length());
        String padding = padding(meter, text, width, fill);
        int missing = Characters.length(padding);
        int left = missing / 2 + (missing & (int) width & 1);
        return meter.created(fill.repeat(left) + text + fill.repeat(missing - left));
    }

    private static Value zeroFilled(Meter meter, Text self, Arguments arguments) {
        String text = self.value();
        String zeros = padding(meter, text, arguments.bind("zfill", 1, "width").integer(0), "0");
        int sign = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
        return meter.created(text.substring(0, sign) + zeros + text.substring(sign));
    }

    /** The lines as str.splitlines gives them, with their ends if wanted. */
    static List<String> lines(Meter meter, String text, boolean keepEnds) {
        List<String> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            if (Characters.isLineEnd(text.charAt(i))) {
                int end = text.startsWith("\r\n", i) ? i + 2 : i + 1;
                meter.elements(1);
                lines.add(text.substring(start, keepEnds ? end : i));
                start = end;
                i = end - 1;
            }
        }
        meter.text(text.length());
        if (start < text.length()) {
            lines.add(text.substring(start));
        }
        return lines;
    }
}
