package io.lethean.lem.internal.jinja;

import io.lethean.lem.internal.jinja.Value.Dict;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

/** Values as Python's str and repr write them. */
final class PythonText {

    private final Meter meter;
    private final StringBuilder out = new StringBuilder();

    private PythonText(Meter meter) {
        this.meter = meter;
    }

    /** What printing the value shows; nothing for an undefined one. */
    static String str(Meter meter, Value value) {
        return switch (value) {
            case Value.Text(String text) -> text;
            case Value.Undefined _ -> "";
            case Value.None _,
                    Value.Bool _,
                    Value.Int _,
                    Value.Real _,
                    Value.Sequence _,
                    Dict _,
                    Value.Namespace _,
                    Value.Function _,
                    Loop _ -> repr(meter, value);
        };
    }

    static String repr(Meter meter, Value value) {
        PythonText text = new PythonText(meter);
        text.write(value);
        return text.out.toString();
    }

    private void write(Value value) {
        meter.step();
        switch (value) {
            case Value.Undefined _ -> append("Undefined");
            case Value.None _ -> append("None");
            case Value.Bool(boolean truth) -> append(truth ? "True" : "False");
            case Value.Int(long number) -> append(Long.toString(number));
            case Value.Real(double number) -> {
                meter.steps(8);
                append(Numbers.text(number));
            }
            case Value.Text(String text) -> quote(text);
            case Value.ListValue list -> writeItems("[", list.items(), "]");
            case Value.TupleValue tuple ->
                writeItems("(", tuple.items(), tuple.items().size() == 1 ? ",)" : ")");
            case Dict dict -> writeEntries(dict);
            case Value.Namespace _ -> append("<Namespace>");
            case Value.Function function -> append("<function " + function.name() + ">");
            case Loop _ -> append("<LoopContext>");
        }
    }

    private void append(String text) {
        meter.text(text.length());
        out.append(text);
    }

    private void writeItems(String open, List<Value> items, String close) {
        meter.enter();
        append(open);
        for (int i = 0; i < items.size(); i++) {
            append(i > 0 ? ", " : "");
            write(items.get(i));
        }
        append(close);
        meter.leave();
    }

    private void writeEntries(Dict dict) {
        meter.enter();
        append("{");
        for (Iterator<Dict.Entry> entries = dict.entries().iterator(); entries.hasNext(); ) {
            Dict.Entry entry = entries.next();
            write(entry.key());
            append(": ");
            write(entry.value());
            append(entries.hasNext() ? ", " : "");
        }
        append("}");
        meter.leave();
    }

    private void quote(String text) {
        meter.text(text.length() + 2L);
        char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        out.append(quote);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> quoteOther(c, quote);
            }
        });
        out.append(quote);
    }

    private void quoteOther(int c, char quote) {
        if (c == quote) {
            out.append('\\').append(quote);
        } else if (Characters.isPrintable(c)) {
            out.appendCodePoint(c);
        } else {
            String form = c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x";
            append(String.format(Locale.ROOT, form, c));
        }
    }
}
