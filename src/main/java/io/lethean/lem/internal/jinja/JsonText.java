package io.lethean.lem.internal.jinja;

import io.lethean.lem.internal.io.PythonJson;
import io.lethean.lem.internal.jinja.Value.Dict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Values as Python's json.dumps writes them, characters kept as they are unless asked otherwise. */
final class JsonText {

    /**
     * How to write.
     *
     * @param indent what a level is indented by, null for one line
     */
    record Style(
            boolean ensureAscii,
            @Nullable String indent,
            String itemSeparator,
            String keySeparator,
            boolean sortKeys) {}

    private final Meter meter;
    private final Style style;
    private final StringBuilder out = new StringBuilder();
    private int level;

    private JsonText(Meter meter, Style style) {
        this.meter = meter;
        this.style = style;
    }

    static Value.Text of(Meter meter, Value value, Style style) {
        if (value instanceof Value.Undefined(String name)) {
            throw TemplateError.failed("'" + name + "' is undefined and has no JSON form");
        }
        JsonText json = new JsonText(meter, style);
        json.write(value);
        return new Value.Text(json.out.toString());
    }

    private void write(Value value) {
        meter.step();
        switch (value) {
            case Value.Undefined _, Value.None _ -> append("null");
            case Value.Bool(boolean truth) -> append(truth ? "true" : "false");
            case Value.Int(long number) -> append(Long.toString(number));
            case Value.Real(double number) -> append(number(number));
            case Value.Text(String text) -> quote(text);
            case Value.Sequence sequence -> writeItems(sequence.items());
            case Dict dict -> writeEntries(dict);
            case Value.Namespace _, Value.Function _, Loop _ ->
                throw TemplateError.failed(TypeNames.of(value) + " has no JSON form");
        }
    }

    private static String number(double number) {
        return Double.isNaN(number)
                ? "NaN"
                : Double.isInfinite(number) ? (number > 0 ? "Infinity" : "-Infinity") : Numbers.text(number);
    }

    private void append(String text) {
        meter.text(text.length());
        out.append(text);
    }

    private void writeItems(List<Value> items) {
        open("[");
        for (int i = 0; i < items.size(); i++) {
            separate(i == 0);
            write(items.get(i));
        }
        close("]", items.isEmpty());
    }

    private void writeEntries(Dict dict) {
        open("{");
        List<Dict.Entry> entries = new ArrayList<>();
        meter.elements(dict.size());
        dict.entries().forEach(entries::add);
        if (style.sortKeys()) {
            entries.sort(Comparator.comparing(Dict.Entry::key, (a, b) -> Comparison.compare(meter, a, b)));
        }
        for (int i = 0; i < entries.size(); i++) {
            separate(i == 0);
            quote(key(entries.get(i).key()));
            append(style.keySeparator());
            write(entries.get(i).value());
        }
        close("}", entries.isEmpty());
    }

    private static String key(Value key) {
        return switch (key) {
            case Value.Text(String text) -> text;
            case Value.None _ -> "null";
            case Value.Bool(boolean truth) -> truth ? "true" : "false";
            case Value.Int(long number) -> Long.toString(number);
            case Value.Real(double number) -> number(number);
            case Value.Undefined _, Value.Sequence _, Dict _, Value.Namespace _, Value.Function _, Loop _ ->
                throw TemplateError.failed(TypeNames.of(key) + " cannot be a key in JSON");
        };
    }

    private void open(String bracket) {
        meter.enter();
        level++;
        append(bracket);
    }

    private void separate(boolean first) {
        append(first ? "" : style.itemSeparator());
        newLine();
    }

    private void close(String bracket, boolean empty) {
        level--;
        if (!empty) {
            newLine();
        }
        append(bracket);
        meter.leave();
    }

    private void newLine() {
        if (style.indent() != null) {
            meter.text(1 + (long) style.indent().length() * level);
            out.append('\n').repeat(style.indent(), level);
        }
    }

    /** Pays for the text before it is written, and for what escapes add to it at once afterwards. */
    private void quote(String text) {
        int plain = text.length() + 2;
        meter.text(plain);
        int begin = out.length();
        PythonJson.appendText(out, text, style.ensureAscii());
        meter.text(out.length() - begin - plain);
    }
}
