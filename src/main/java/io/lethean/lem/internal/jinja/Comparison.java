package io.lethean.lem.internal.jinja;

import io.lethean.lem.internal.jinja.Value.Dict;
import io.lethean.lem.internal.jinja.Value.Sequence;
import io.lethean.lem.internal.jinja.Value.Text;
import java.util.Iterator;
import java.util.List;

/** Python's equality, order and membership. */
final class Comparison {

    private Comparison() {}

    static boolean equal(Meter meter, Value a, Value b) {
        meter.step();
        if (Numbers.isNumber(a) && Numbers.isNumber(b)) {
            return Numbers.compare(a, b) == 0 && !Numbers.isNaN(a) && !Numbers.isNaN(b);
        }
        return switch (a) {
            case Value.Undefined _ -> b instanceof Value.Undefined;
            case Value.None _ -> b instanceof Value.None;
            case Text(String text) -> b instanceof Text(String other) && equal(meter, text, other);
            case Value.ListValue list ->
                b instanceof Value.ListValue other && equal(meter, list.items(), other.items());
            case Value.TupleValue tuple ->
                b instanceof Value.TupleValue other && equal(meter, tuple.items(), other.items());
            case Dict dict -> b instanceof Dict other && equal(meter, dict, other);
            case Value.Bool _, Value.Int _, Value.Real _ -> false;
            case Value.Namespace _, Value.Function _, Loop _ -> a == b;
        };
    }

    private static boolean equal(Meter meter, String a, String b) {
        if (a.length() != b.length()) {
            return false;
        }
        meter.scan(a.length());
        return a.equals(b);
    }

    private static boolean equal(Meter meter, List<Value> a, List<Value> b) {
        if (a.size() != b.size()) {
            return false;
        }
        meter.enter();
        boolean equal = true;
        for (int i = 0; equal && i < a.size(); i++) {
            equal = equal(meter, a.get(i), b.get(i));
        }
        meter.leave();
        return equal;
    }

    private static boolean equal(Meter meter, Dict a, Dict b) {
        if (a.size() != b.size()) {
            return false;
        }
        meter.enter();
        boolean equal = true;
        for (Dict.Entry entry : a.entries()) {
            Value other = b.get(Keys.of(meter, entry.key()));
            if (other == null || !equal(meter, entry.value(), other)) {
                equal = false;
                break;
            }
        }
        meter.leave();
        return equal;
    }

    /** Below zero, zero or above as a comes before b, equals it or comes after. */
    static int compare(Meter meter, Value a, Value b) {
        meter.step();
        if (Numbers.isNumber(a) && Numbers.isNumber(b)) {
            return Numbers.compare(a, b);
        }
        if (a instanceof Text(String text) && b instanceof Text(String other)) {
            meter.scan(Math.min(text.length(), other.length()));
            return compare(text, other);
        }
        if (a instanceof Sequence left
                && b instanceof Sequence right
                && a instanceof Value.ListValue == b instanceof Value.ListValue) {
            return compare(meter, left.items(), right.items());
        }
        throw TemplateError.failed(TypeNames.of(a) + " and " + TypeNames.of(b) + " have no order");
    }

    private static int compare(Meter meter, List<Value> a, List<Value> b) {
        meter.enter();
        int order = 0;
        for (int i = 0; order == 0 && i < Math.min(a.size(), b.size()); i++) {
            order = equal(meter, a.get(i), b.get(i)) ? 0 : compare(meter, a.get(i), b.get(i));
        }
        meter.leave();
        return order != 0 ? order : Integer.compare(a.size(), b.size());
    }

    /** By code points, where String.compareTo goes by UTF-16 units. */
    private static int compare(String a, String b) {
        for (int i = 0; i < Math.min(a.length(), b.length()); i++) {
            char left = a.charAt(i);
            char right = b.charAt(i);
            if (left != right) {
                boolean surrogates = Character.isSurrogate(left) || Character.isSurrogate(right);
                return surrogates && Character.isSurrogate(left) != Character.isSurrogate(right)
                        ? (Character.isSurrogate(left) ? 1 : -1)
                        : Character.compare(left, right);
            }
        }
        return Integer.compare(a.length(), b.length());
    }

    /** One of the comparison operators. NaN is neither above nor below anything. */
    static boolean holds(Meter meter, String operator, Value a, Value b) {
        return switch (operator) {
            case "==" -> equal(meter, a, b);
            case "!=" -> !equal(meter, a, b);
            case "in" -> contains(meter, b, a);
            case "not in" -> !contains(meter, b, a);
            case "<" -> ordered(a, b) & compare(meter, a, b) < 0;
            case "<=" -> ordered(a, b) & compare(meter, a, b) <= 0;
            case ">" -> ordered(a, b) & compare(meter, a, b) > 0;
            case ">=" -> ordered(a, b) & compare(meter, a, b) >= 0;
            default -> throw new IllegalStateException("The operator " + operator + " is not a comparison.");
        };
    }

    private static boolean ordered(Value a, Value b) {
        return !Numbers.isNaN(a) && !Numbers.isNaN(b);
    }

    static boolean contains(Meter meter, Value container, Value item) {
        return switch (container) {
            case Text(String text) -> {
                if (!(item instanceof Text(String part))) {
                    throw TemplateError.failed("only a string can be in a string, and this is " + TypeNames.of(item));
                }
                meter.search(text.length(), part.length());
                yield text.contains(part);
            }
            case Sequence sequence -> {
                Iterator<Value> items = sequence.items().iterator();
                boolean found = false;
                while (!found && items.hasNext()) {
                    found = equal(meter, item, items.next());
                }
                yield found;
            }
            case Dict dict -> dict.has(Keys.of(meter, item));
            case Value.Namespace(var members) -> item instanceof Text(String name) && members.containsKey(name);
            case Value.Undefined _ -> false;
            case Value.None _, Value.Bool _, Value.Int _, Value.Real _, Value.Function _, Loop _ ->
                throw TemplateError.failed("nothing can be in " + TypeNames.of(container));
        };
    }
}
