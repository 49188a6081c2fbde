package io.lethean.lem.internal.jinja;

import io.lethean.lem.internal.jinja.Arguments.Bound;
import io.lethean.lem.internal.jinja.Value.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The parameter {@code attribute} of filters: a name, an index, or a path such as {@code function.arguments.0}. */
final class Attributes {

    private Attributes() {}

    /** Reads what the parameter names; without it, the value itself. */
    static UnaryOperator<Value> reader(Meter meter, Bound bound, int index) {
        return reader(meter, bound, index, null);
    }

    static UnaryOperator<Value> reader(Meter meter, Bound bound, int index, @Nullable Value byDefault) {
        return bound.given(index) ? reader(meter, path(meter, bound.required(index)), byDefault) : value -> value;
    }

    /** Paths of a parameter that may name several, separated by commas. */
    static List<UnaryOperator<Value>> readers(Meter meter, Bound bound, int index) {
        if (bound.given(index) && bound.value(index) instanceof Text(String names)) {
            List<UnaryOperator<Value>> readers = new ArrayList<>();
            for (String name : names.split(",", -1)) {
                meter.elements(1);
                readers.add(reader(meter, path(meter, new Text(name)), null));
            }
            return readers;
        }
        return List.of(reader(meter, bound, index));
    }

    private static List<Value> path(Meter meter, Value attribute) {
        if (!(attribute instanceof Text(String text))) {
            return List.of(attribute);
        }
        meter.text(2L * text.length());
        List<Value> path = new ArrayList<>();
        for (String part : text.split("\\.", -1)) {
            boolean index =
                    !part.isEmpty() && part.length() < 10 && part.chars().allMatch(c -> c >= '0' && c <= '9');
            path.add(index ? new Value.Int(Long.parseLong(part)) : new Text(part));
        }
        return path;
    }

    private static UnaryOperator<Value> reader(Meter meter, List<Value> path, @Nullable Value byDefault) {
        return value -> {
            Value found = value;
            for (Value part : path) {
                found = Access.element(meter, found, part);
            }
            return found instanceof Value.Undefined && byDefault != null ? byDefault : found;
        };
    }
}
