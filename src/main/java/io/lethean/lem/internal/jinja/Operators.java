package io.lethean.lem.internal.jinja;

import io.lethean.lem.internal.jinja.Value.Text;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What {@code + - * / // % **} do beyond numbers. */
final class Operators {

    private Operators() {}

    static Value calculate(Meter meter, String operator, Value a, Value b) {
        meter.step();
        if (Numbers.isNumber(a) && Numbers.isNumber(b)) {
            return Numbers.calculate(operator, a, b);
        }
        return switch (operator) {
            case "+" -> add(meter, a, b);
            case "*" -> repeat(meter, a, b);
            case "%" -> format(meter, a, b);
            default -> throw undefined(operator, a, b);
        };
    }

    private static TemplateError undefined(String operator, Value a, Value b) {
        return TemplateError.failed(
                "'" + operator + "' has no meaning between " + TypeNames.of(a) + " and " + TypeNames.of(b));
    }

    private static Value add(Meter meter, Value a, Value b) {
        if (a instanceof Text && (b instanceof Text || isNothing(b)) || isNothing(a) && b instanceof Text) {
            return concatenate(
                    meter, List.of(isNothing(a) ? Value.EMPTY_TEXT : a, isNothing(b) ? Value.EMPTY_TEXT : b));
        }
        if (a instanceof Value.ListValue left && b instanceof Value.ListValue right) {
            return new Value.ListValue(joined(meter, left.items(), right.items()));
        }
        if (a instanceof Value.TupleValue left && b instanceof Value.TupleValue right) {
            return new Value.TupleValue(joined(meter, left.items(), right.items()));
        }
        throw undefined("+", a, b);
    }

    /** Undefined values and None: llama.cpp takes them as an empty string when they are added to a string. */
    private static boolean isNothing(Value value) {
        return value instanceof Value.Undefined || value instanceof Value.None;
    }

    private static List<Value> joined(Meter meter, List<Value> a, List<Value> b) {
        meter.elements((long) a.size() + b.size());
        List<Value> items = new ArrayList<>(a.size() + b.size());
        items.addAll(a);
        items.addAll(b);
        return items;
    }

    /** What printing the values one after the other shows. */
    static Text concatenate(Meter meter, List<Value> values) {
        StringBuilder text = new StringBuilder();
        for (Value value : values) {
            String part = PythonText.str(meter, value);
            meter.text(part.length());
            text.append(part);
        }
        return new Text(text.toString());
    }

    private static Value repeat(Meter meter, Value a, Value b) {
        if (a instanceof Value.Int || a instanceof Value.Bool) {
            return repeat(meter, b, a);
        }
        if (!(b instanceof Value.Int || b instanceof Value.Bool)) {
            throw undefined("*", a, b);
        }
        long times = Math.max(0, Numbers.toLong(b));
        return switch (a) {
            case Text(String text) -> {
                meter.text(product(text.length(), times));
                yield new Text(text.repeat((int) (text.isEmpty() ? 0 : times)));
            }
            case Value.ListValue list -> new Value.ListValue(repeated(meter, list.items(), times));
            case Value.TupleValue tuple -> new Value.TupleValue(repeated(meter, tuple.items(), times));
            case Value other -> throw undefined("*", other, b);
        };
    }

    private static List<Value> repeated(Meter meter, List<Value> items, long times) {
        meter.elements(product(items.size(), times));
        List<Value> result = new ArrayList<>();
        Collections.nCopies((int) (items.isEmpty() ? 0 : times), items).forEach(result::addAll);
        return result;
    }

    private static long product(long size, long times) {
        return size > 0 && times > Long.MAX_VALUE / size ? Long.MAX_VALUE : size * times;
    }

    private static Value format(Meter meter, Value a, Value b) {
        if (!(a instanceof Text(String pattern))) {
            throw undefined("%", a, b);
        }
        // As in Python, a list or mapping may have more than the placeholders ask for.
        boolean loose = b instanceof Value.ListValue || b instanceof Value.Dict || b instanceof Value.Undefined;
        return b instanceof Value.TupleValue tuple
                ? PercentFormat.format(meter, pattern, Arguments.of(tuple.items()), false)
                : PercentFormat.format(meter, pattern, Arguments.of(List.of(b)), loose);
    }
}
