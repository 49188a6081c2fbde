package io.lethean.lem.internal.jinja;

import io.lethean.lem.internal.jinja.Arguments.Bound;
import io.lethean.lem.internal.jinja.Value.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Filters of strings; other values are taken as they are shown. */
final class TextFilters {

    private TextFilters() {}

    static Map<String, Filter> all() {
        return Map.ofEntries(
                Map.entry("capitalize", onText((meter, text) -> meter.created(TextMethods.capitalized(text)))),
                Map.entry("center", TextFilters::center),
                Map.entry("e", TextFilters::escape),
                Map.entry("escape", TextFilters::escape),
                Map.entry("format", TextFilters::format),
                Map.entry("indent", TextFilters::indent),
                Map.entry("lower", onText((meter, text) -> meter.created(text.toLowerCase(Locale.ROOT)))),
                Map.entry("replace", TextFilters::replace),
                Map.entry("title", onText(TextFilters::title)),
                Map.entry("trim", TextFilters::trim),
                Map.entry("truncate", TextFilters::truncate),
                Map.entry("upper", onText((meter, text) -> meter.created(text.toUpperCase(Locale.ROOT)))),
                Map.entry("wordcount", onText(TextFilters::wordCount)));
    }

    private interface Change {
        Value apply(Meter meter, String text);
    }

    private static Filter onText(Change change) {
        return (meter, input, arguments) -> {
            arguments.bind("a filter of text", 0);
            String text = PythonText.str(meter, input);
            meter.scan(text.length());
            return change.apply(meter, text);
        };
    }

    private static Value center(Meter meter, Value input, Arguments arguments) {
        long width = arguments.bind("center", 0, "width").integer(0, 80);
        return TextMethods.centered(meter, PythonText.str(meter, input), width, " ");
    }

    private static Value escape(Meter meter, Value input, Arguments arguments) {
        arguments.bind("escape", 0);
        String text = PythonText.str(meter, input);
        meter.text(6L * text.length());
        return new Text(text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("'", "&#39;")
                .replace("\"", "&#34;"));
    }

    private static Value format(Meter meter, Value input, Arguments arguments) {
        return PercentFormat.format(meter, PythonText.str(meter, input), arguments, false);
    }

    private static Value trim(Meter meter, Value input, Arguments arguments) {
        arguments.bind("trim", 0, "chars");
        return TextMethods.strip(meter, PythonText.str(meter, input), arguments, true, true);
    }

    private static Value replace(Meter meter, Value input, Arguments arguments) {
        Bound bound = arguments.bind("replace", 2, "old", "new", "count");
        String old = PythonText.str(meter, bound.required(0));
        String with = PythonText.str(meter, bound.required(1));
        return TextMethods.replaced(meter, PythonText.str(meter, input), old, with, bound.integer(2, -1));
    }

    /** Capital letters after spaces, hyphens and opening brackets; str.title has other rules. */
    private static Value title(Meter meter, String text) {
        StringBuilder titled = new StringBuilder();
        boolean first = true;
        meter.text(text.length());
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int c = text.codePointAt(i);
            String letter = Character.toString(c);
            titled.append(first ? letter.toUpperCase(Locale.ROOT) : letter.toLowerCase(Locale.ROOT));
            first = Characters.isSpace(c) || "-({[<".indexOf(c) >= 0;
        }
        return new Text(titled.toString());
    }

    private static Value wordCount(Meter meter, String text) {
        long words = 0;
        boolean inWord = false;
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int c = text.codePointAt(i);
            boolean letter = c == '_' || Character.isLetterOrDigit(c);
            words += letter && !inWord ? 1 : 0;
            inWord = letter;
        }
        return new Value.Int(words);
    }

    private static Value indent(Meter meter, Value input, Arguments arguments) {
        Bound bound = arguments.bind("indent", 0, "width", "first", "blank"); // words:ok
        String indent;
        if (bound.value(0) instanceof Text(String text)) {
            indent = text;
        } else {
            long width = Math.max(0, bound.integer(0, 4));
            meter.text(width);
            indent = " ".repeat((int) width);
        }
        List<String> lines = new ArrayList<>(TextMethods.lines(meter, PythonText.str(meter, input) + "\n", false));
        StringBuilder indented = new StringBuilder();
        for (int i = 0; i < lines.size(); i++) {
            boolean wanted =
                    i == 0 ? bound.flag(1) : bound.flag(2) || !lines.get(i).isEmpty();
            meter.text(1L + lines.get(i).length() + (wanted ? indent.length() : 0));
            indented.append(i > 0 ? "\n" : "").append(wanted ? indent : "").append(lines.get(i));
        }
        return new Text(indented.toString());
    }

    private static Value truncate(Meter meter, Value input, Arguments arguments) {
        Bound bound = arguments.bind("truncate", 0, "length", "killwords", "end", "leeway");
        String text = PythonText.str(meter, input);
        String end = bound.text(2, "...");
        long length = bound.integer(0, 255);
        long leeway = bound.integer(3, 5);
        int endLength = Characters.length(end);
        if (length < endLength || leeway < 0) {
            throw TemplateError.failed("'truncate' is asked for less than its end takes");
        }
        meter.scan(text.length());
        int available = Characters.length(text);
        if (available <= length + leeway) {
            return new Text(text);
        }
        String start = text.substring(0, Characters.offset(text, (int) length - endLength));
        int space = start.lastIndexOf(' ');
        return meter.created((bound.flag(1) || space < 0 ? start : start.substring(0, space)) + end);
    }
}
