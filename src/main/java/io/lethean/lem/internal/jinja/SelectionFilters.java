package io.lethean.lem.internal.jinja;

import io.lethean.lem.internal.jinja.Arguments.Bound;
import io.lethean.lem.internal.jinja.Value.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Filters that apply another filter or a test to each item. */
final class SelectionFilters {

    private SelectionFilters() {}

    static Map<String, Filter> all() {
        return Map.of(
                "map", SelectionFilters::map,
                "reject", (meter, input, arguments) -> select(meter, input, arguments, false),
                "rejectattr", (meter, input, arguments) -> selectByAttribute(meter, input, arguments, false),
                "select", (meter, input, arguments) -> select(meter, input, arguments, true),
                "selectattr", (meter, input, arguments) -> selectByAttribute(meter, input, arguments, true));
    }

    private static Value map(Meter meter, Value input, Arguments arguments) {
        UnaryOperator<Value> change;
        if (arguments.positional().isEmpty()) {
            Bound bound = arguments.bind("map", 1, "attribute", "default");
            change = Attributes.reader(meter, bound, 0, bound.value(1));
        } else {
            Filter filter = Filters.named(name("map", arguments, 0));
            Arguments rest = arguments.rest(1);
            change = item -> filter.apply(meter, item, rest);
        }
        List<Value> items = items(meter, input);
        meter.elements(items.size());
        meter.enter();
        List<Value> changed = new ArrayList<>(items.size());
        for (Value item : items) {
            changed.add(change.apply(item));
        }
        meter.leave();
        return new Value.ListValue(changed);
    }

    private static Value select(Meter meter, Value input, Arguments arguments, boolean wanted) {
        return select(meter, input, value -> value, arguments, wanted);
    }

    private static Value selectByAttribute(Meter meter, Value input, Arguments arguments, boolean wanted) {
        Bound attribute =
                Arguments.of(arguments.positional().stream().limit(1).toList()).bind("selectattr", 1, "attribute");
        return select(meter, input, Attributes.reader(meter, attribute, 0), arguments.rest(1), wanted);
    }

    private static Value select(
            Meter meter, Value input, UnaryOperator<Value> subject, Arguments arguments, boolean wanted) {
        boolean byTruth = arguments.positional().isEmpty();
        Test test = byTruth ? (_, value, _) -> Truth.of(value) : Tests.named(name("select", arguments, 0));
        Arguments rest = arguments.rest(1);
        List<Value> kept = new ArrayList<>();
        for (Value item : items(meter, input)) {
            meter.elements(1);
            if (test.holds(meter, subject.apply(item), rest) == wanted) {
                kept.add(item);
            }
        }
        return new Value.ListValue(kept);
    }

    /** As in Jinja2, any value that counts as false has no items here; elsewhere it is an error. */
    private static List<Value> items(Meter meter, Value input) {
        return Truth.of(input) ? Access.items(meter, input) : List.of();
    }

    private static String name(String filter, Arguments arguments, int index) {
        if (arguments.positional().get(index) instanceof Text(String name)) {
            return name;
        }
        throw TemplateError.failed("'" + filter + "' needs a name in quotes and is given "
                + TypeNames.of(arguments.positional().get(index)));
    }
}
