package io.lethean.lem.internal.jinja;

import io.lethean.lem.internal.jinja.Arguments.Bound;
import io.lethean.lem.internal.jinja.Value.Dict;
import io.lethean.lem.internal.jinja.Value.Text;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Filters of numbers, mappings and any value. */
final class ValueFilters {

    private ValueFilters() {}

    static Map<String, Filter> all() {
        return Map.ofEntries(
                Map.entry("abs", ValueFilters::abs),
                Map.entry("attr", ValueFilters::attr),
                Map.entry("d", ValueFilters::byDefault),
                Map.entry("default", ValueFilters::byDefault),
                Map.entry("dictsort", ValueFilters::dictSort),
                Map.entry("float", ValueFilters::toFloat),
                Map.entry("int", ValueFilters::toInt),
                Map.entry("items", ValueFilters::items),
                Map.entry("round", ValueFilters::round),
                Map.entry("safe", ValueFilters::string),
                Map.entry("string", ValueFilters::string),
                Map.entry("tojson", ValueFilters::toJson));
    }

    private static Value abs(Meter meter, Value input, Arguments arguments) {
        arguments.bind("abs", 0);
        if (!Numbers.isNumber(input)) {
            throw TemplateError.failed(TypeNames.of(input) + " has no absolute value");
        }
        if (input instanceof Value.Real(double number)) {
            return new Value.Real(Math.abs(number));
        }
        return Numbers.toLong(input) < 0 ? Numbers.negate(input) : new Value.Int(Numbers.toLong(input));
    }

    private static Value attr(Meter meter, Value input, Arguments arguments) {
        String name = arguments.bind("attr", 1, "name").text(0);
        Value member = Access.member(meter, input, name);
        return input instanceof Dict && !(member instanceof Value.Function) ? new Value.Undefined(name) : member;
    }

    private static Value byDefault(Meter meter, Value input, Arguments arguments) {
        Bound bound = arguments.bind("default", 0, "default_value", "boolean");
        boolean missing = input instanceof Value.Undefined || bound.flag(1) && !Truth.of(input);
        return missing ? bound.value(0, Value.EMPTY_TEXT) : input;
    }

    /** Text as it is shown; nothing is ever escaped, so {@code safe} has no other work. */
    private static Value string(Meter meter, Value input, Arguments arguments) {
        arguments.bind("string", 0);
        return input instanceof Text ? input : new Text(PythonText.str(meter, input));
    }

    private static Value dictSort(Meter meter, Value input, Arguments arguments) {
        Bound bound = arguments.bind("dictsort", 0, "case_sensitive", "by", "reverse");
        String by = bound.text(1, "key");
        if (!by.equals("key") && !by.equals("value")) {
            throw TemplateError.failed("'dictsort' sorts by 'key' or 'value', and is asked to sort by '" + by + "'");
        }
        int position = by.equals("key") ? 0 : 1;
        Comparator<Value> order = Sorting.order(meter, bound.flag(0));
        List<Value> pairs = pairs(meter, input, "dictsort");
        return new Value.ListValue(
                Sorting.sorted(meter, pairs, (a, b) -> order.compare(at(a, position), at(b, position)), bound.flag(2)));
    }

    private static Value at(Value pair, int position) {
        return ((Value.TupleValue) pair).items().get(position);
    }

    private static Value items(Meter meter, Value input, Arguments arguments) {
        arguments.bind("items", 0);
        return new Value.ListValue(input instanceof Value.Undefined ? List.of() : pairs(meter, input, "items"));
    }

    private static List<Value> pairs(Meter meter, Value input, String filter) {
        if (!(input instanceof Dict dict)) {
            throw TemplateError.failed("'" + filter + "' needs a mapping and is given " + TypeNames.of(input));
        }
        meter.entries(dict.size());
        List<Value> pairs = new ArrayList<>(dict.size());
        dict.entries().forEach(entry -> pairs.add(new Value.TupleValue(List.of(entry.key(), entry.value()))));
        return pairs;
    }

    private static Value toInt(Meter meter, Value input, Arguments arguments) {
        Bound bound = arguments.bind("int", 0, "default", "base");
        Value fallback = bound.value(0, new Value.Int(0));
        Long number = switch (input) {
            case Value.Int(long integer) -> integer;
            case Value.Bool(boolean truth) -> truth ? 1L : 0L;
            case Value.Real(double real) -> truncated(real);
            case Text(String text) -> parsed(meter, text, bound.integer(1, 10));
            case Value other -> null;
        };
        return number == null ? fallback : new Value.Int(number);
    }

    private static @Nullable Long truncated(double number) {
        return number > -0x1p63 && number < 0x1p63 ? (Long) (long) number : null;
    }

    private static @Nullable Long parsed(Meter meter, String text, long base) {
        meter.scan(text.length());
        Long integer = NumberText.integer(text, base);
        Double real = integer == null ? NumberText.real(text) : null;
        return real == null ? integer : truncated(real);
    }

    private static Value toFloat(Meter meter, Value input, Arguments arguments) {
        Value fallback = arguments.bind("float", 0, "default").value(0, new Value.Real(0));
        if (Numbers.isNumber(input)) {
            return new Value.Real(Numbers.toDouble(input));
        }
        if (input instanceof Text(String text)) {
            meter.scan(text.length());
            Double real = NumberText.real(text);
            return real == null ? fallback : new Value.Real(real);
        }
        return fallback;
    }

    private static Value round(Meter meter, Value input, Arguments arguments) {
        Bound bound = arguments.bind("round", 0, "precision", "method");
        RoundingMode mode = switch (bound.text(1, "common")) {
            case "common" -> RoundingMode.HALF_EVEN;
            case "ceil" -> RoundingMode.CEILING;
            case "floor" -> RoundingMode.FLOOR;
            default -> throw TemplateError.failed("'round' knows the methods 'common', 'ceil' and 'floor' only");
        };
        double number = Numbers.toDouble(input);
        if (!Double.isFinite(number)) {
            return input;
        }
        meter.steps(64);
        int precision = Math.clamp(bound.integer(0, 0), -400, 400);
        double rounded = new BigDecimal(number).setScale(precision, mode).doubleValue();
        return input instanceof Value.Real || mode != RoundingMode.HALF_EVEN
                ? new Value.Real(rounded)
                : new Value.Int((long) rounded);
    }

    private static Value toJson(Meter meter, Value input, Arguments arguments) {
        Bound bound = arguments.bind("tojson", 0, "ensure_ascii", "indent", "separators", "sort_keys");
        String indent = indent(meter, bound);
        String item = indent == null ? ", " : ",";
        String key = ": ";
        if (bound.given(2)) {
            List<Value> separators = Access.items(meter, bound.required(2));
            if (separators.size() != 2) {
                throw TemplateError.failed("'tojson' takes two separators and is given " + separators.size());
            }
            item = PythonText.str(meter, separators.get(0));
            key = PythonText.str(meter, separators.get(1));
        }
        return JsonText.of(meter, input, new JsonText.Style(bound.flag(0), indent, item, key, bound.flag(3)));
    }

    private static @Nullable String indent(Meter meter, Bound bound) {
        if (!bound.given(1)) {
            return null;
        }
        if (bound.value(1) instanceof Text(String text)) {
            return text;
        }
        long width = Math.max(0, bound.integer(1));
        meter.text(width);
        return " ".repeat((int) width);
    }
}
