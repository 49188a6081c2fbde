package io.lethean.lem.internal.jinja;

import io.lethean.lem.internal.jinja.Arguments.Bound;
import io.lethean.lem.internal.jinja.Value.Text;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Methods that cut a string into pieces. */
final class TextPieces {

    private TextPieces() {}

    static Map<String, Method<Text>> all() {
        return Map.of(
                "split", (meter, self, arguments) -> split(meter, self, arguments, false),
                "rsplit", (meter, self, arguments) -> split(meter, self, arguments, true),
                "splitlines", TextPieces::splitLines,
                "partition", (meter, self, arguments) -> partition(meter, self, arguments, false),
                "rpartition", (meter, self, arguments) -> partition(meter, self, arguments, true));
    }

    private static Value split(Meter meter, Text self, Arguments arguments, boolean fromRight) {
        Bound bound = arguments.bind(fromRight ? "rsplit" : "split", 0, "sep", "maxsplit");
        long most = bound.integer(1, -1);
        long cuts = most < 0 ? Long.MAX_VALUE : most;
        String text = self.value();
        meter.text(text.length());
        if (!bound.given(0)) {
            return values(fromRight ? wordsFromRight(meter, text, cuts) : words(meter, text, cuts));
        }
        String separator = bound.text(0);
        if (separator.isEmpty()) {
            throw TemplateError.failed("a string cannot be split by an empty one");
        }
        meter.search(text.length(), separator.length());
        return values(fromRight ? piecesFromRight(meter, text, separator, cuts) : pieces(meter, text, separator, cuts));
    }

    private static Value values(List<String> pieces) {
        return new Value.ListValue(pieces.stream().map(Text::new).toList());
    }

    private static List<String> pieces(Meter meter, String text, String separator, long cuts) {
        List<String> pieces = new ArrayList<>();
        int from = 0;
        int at = text.indexOf(separator);
        for (long left = cuts; left > 0 && at >= 0; left--) {
            meter.elements(1);
            pieces.add(text.substring(from, at));
            from = at + separator.length();
            at = text.indexOf(separator, from);
        }
        pieces.add(text.substring(from));
        return pieces;
    }

    private static List<String> piecesFromRight(Meter meter, String text, String separator, long cuts) {
        List<String> pieces = new ArrayList<>();
        int end = text.length();
        int at = text.lastIndexOf(separator);
        for (long left = cuts; left > 0 && at >= 0; left--) {
            meter.elements(1);
            pieces.add(text.substring(at + separator.length(), end));
            end = at;
            at = text.lastIndexOf(separator, end - separator.length());
        }
        pieces.add(text.substring(0, end));
        Collections.reverse(pieces);
        return pieces;
    }

    /** Pieces between white space; what is left after the last cut keeps its inner and trailing white space. */
    private static List<String> words(Meter meter, String text, long cuts) {
        List<String> words = new ArrayList<>();
        String rest = Characters.stripLeft(text, Characters::isSpace);
        int from = text.length() - rest.length();
        for (long left = cuts; from < text.length(); left--) {
            int end = left > 0 ? wordEnd(text, from) : text.length();
            meter.elements(1);
            words.add(text.substring(from, end));
            from = end;
            while (from < text.length() && Characters.isSpace(text.charAt(from))) {
                from++;
            }
        }
        return words;
    }

    private static int wordEnd(String text, int from) {
        int end = from;
        while (end < text.length() && !Characters.isSpace(text.charAt(end))) {
            end++;
        }
        return end;
    }

    private static List<String> wordsFromRight(Meter meter, String text, long cuts) {
        List<String> words = new ArrayList<>();
        int end = Characters.stripRight(text).length();
        for (long left = cuts; end > 0; left--) {
            int from = left > 0 ? wordStart(text, end) : 0;
            meter.elements(1);
            words.add(text.substring(from, end));
            end = from;
            while (end > 0 && Characters.isSpace(text.charAt(end - 1))) {
                end--;
            }
        }
        Collections.reverse(words);
        return words;
    }

    private static int wordStart(String text, int end) {
        int from = end;
        while (from > 0 && !Characters.isSpace(text.charAt(from - 1))) {
            from--;
        }
        return from;
    }

    private static Value splitLines(Meter meter, Text self, Arguments arguments) {
        boolean keepEnds = arguments.bind("splitlines", 0, "keepends").flag(0);
        return values(TextMethods.lines(meter, self.value(), keepEnds));
    }

    private static Value partition(Meter meter, Text self, Arguments arguments, boolean fromRight) {
        String separator = arguments.bind("partition", 1, "sep").text(0);
        if (separator.isEmpty()) {
            throw TemplateError.failed("a string cannot be split by an empty one");
        }
        String text = self.value();
        meter.search(text.length(), separator.length());
        meter.text(text.length());
        int at = fromRight ? text.lastIndexOf(separator) : text.indexOf(separator);
        List<String> parts = at >= 0
                ? List.of(text.substring(0, at), separator, text.substring(at + separator.length()))
                : fromRight ? List.of("", "", text) : List.of(text, "", "");
        return new Value.TupleValue(parts.stream().map(Text::new).toList());
    }
}
