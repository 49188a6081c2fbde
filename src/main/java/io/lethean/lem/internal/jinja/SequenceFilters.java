package io.lethean.lem.internal.jinja;

import io.lethean.lem.internal.jinja.Arguments.Bound;
import io.lethean.lem.internal.jinja.Value.Dict;
import io.lethean.lem.internal.jinja.Value.Text;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Filters of sequences as a whole. */
final class SequenceFilters {

    private SequenceFilters() {}

    static Map<String, Filter> all() {
        return Map.ofEntries(
                Map.entry("batch", SequenceFilters::batch),
                Map.entry("count", SequenceFilters::length),
                Map.entry("first", SequenceFilters::first),
                Map.entry("groupby", SequenceFilters::groupBy),
                Map.entry("join", SequenceFilters::join),
                Map.entry("last", SequenceFilters::last),
                Map.entry("length", SequenceFilters::length),
                Map.entry("list", SequenceFilters::list),
                Map.entry("max", (meter, input, arguments) -> extreme(meter, input, arguments, "max", 1)),
                Map.entry("min", (meter, input, arguments) -> extreme(meter, input, arguments, "min", -1)),
                Map.entry("reverse", SequenceFilters::reverse),
                Map.entry("slice", SequenceFilters::slice),
                Map.entry("sort", SequenceFilters::sort),
                Map.entry("sum", SequenceFilters::sum),
                Map.entry("unique", SequenceFilters::unique));
    }

    private static Value length(Meter meter, Value input, Arguments arguments) {
        arguments.bind("length", 0);
        return new Value.Int(
                switch (input) {
                    case Text(String text) -> {
                        meter.scan(text.length());
                        yield Characters.length(text);
                    }
                    case Value.Sequence sequence -> sequence.items().size();
                    case Dict dict -> dict.size();
                    case Value.Undefined _ -> 0;
                    case Loop loop -> loop.size();
                    case Value other -> throw TemplateError.failed(TypeNames.of(other) + " has no length");
                });
    }

    private static Value list(Meter meter, Value input, Arguments arguments) {
        arguments.bind("list", 0);
        return new Value.ListValue(Access.items(meter, input));
    }

    private static Value first(Meter meter, Value input, Arguments arguments) {
        arguments.bind("first", 0);
        List<Value> items = Access.items(meter, input);
        return items.isEmpty() ? new Value.Undefined("the first of nothing") : items.getFirst();
    }

    private static Value last(Meter meter, Value input, Arguments arguments) {
        arguments.bind("last", 0);
        List<Value> items = Access.items(meter, input);
        return items.isEmpty() ? new Value.Undefined("the last of nothing") : items.getLast();
    }

    private static Value reverse(Meter meter, Value input, Arguments arguments) {
        arguments.bind("reverse", 0);
        if (input instanceof Text(String text)) {
            return meter.created(new StringBuilder(text).reverse().toString());
        }
        return new Value.ListValue(Access.items(meter, input).reversed());
    }

    private static Value join(Meter meter, Value input, Arguments arguments) {
        Bound bound = arguments.bind("join", 0, "d", "attribute");
        String separator = PythonText.str(meter, bound.value(0, Value.EMPTY_TEXT));
        UnaryOperator<Value> attribute = Attributes.reader(meter, bound, 1);
        StringBuilder joined = new StringBuilder();
        boolean first = true;
        for (Value item : Access.items(meter, input)) {
            String text = PythonText.str(meter, attribute.apply(item));
            meter.text((long) separator.length() + text.length());
            joined.append(first ? "" : separator).append(text);
            first = false;
        }
        return new Text(joined.toString());
    }

    private static Value sort(Meter meter, Value input, Arguments arguments) {
        Bound bound = arguments.bind("sort", 0, "reverse", "case_sensitive", "attribute");
        Comparator<Value> order = Sorting.order(meter, bound.flag(1));
        List<UnaryOperator<Value>> attributes = Attributes.readers(meter, bound, 2);
        Comparator<Value> byAttributes = (a, b) -> {
            int result = 0;
            for (int i = 0; result == 0 && i < attributes.size(); i++) {
                result = order.compare(
                        attributes.get(i).apply(a), attributes.get(i).apply(b));
            }
            return result;
        };
        return new Value.ListValue(Sorting.sorted(meter, Access.items(meter, input), byAttributes, bound.flag(0)));
    }

    private static Value extreme(Meter meter, Value input, Arguments arguments, String name, int sign) {
        Bound bound = arguments.bind(name, 0, "case_sensitive", "attribute");
        Comparator<Value> order = Sorting.order(meter, bound.flag(0));
        UnaryOperator<Value> attribute = Attributes.reader(meter, bound, 1);
        List<Value> items = Access.items(meter, input);
        if (items.isEmpty()) {
            return new Value.Undefined("the " + name + " of nothing");
        }
        Value best = items.getFirst();
        for (Value item : items) {
            best = sign * Integer.signum(order.compare(attribute.apply(item), attribute.apply(best))) > 0 ? item : best;
        }
        return best;
    }

    private static Value sum(Meter meter, Value input, Arguments arguments) {
        Bound bound = arguments.bind("sum", 0, "attribute", "start");
        UnaryOperator<Value> attribute = Attributes.reader(meter, bound, 0);
        Value sum = bound.value(1, new Value.Int(0));
        for (Value item : Access.items(meter, input)) {
            sum = Operators.calculate(meter, "+", sum, attribute.apply(item));
        }
        return sum;
    }

    private static Value unique(Meter meter, Value input, Arguments arguments) {
        Bound bound = arguments.bind("unique", 0, "case_sensitive", "attribute");
        UnaryOperator<Value> attribute = Attributes.reader(meter, bound, 1);
        Set<String> seen = new HashSet<>();
        List<Value> kept = new ArrayList<>();
        for (Value item : Access.items(meter, input)) {
            Value key = attribute.apply(item);
            meter.entries(1);
            if (seen.add(Keys.of(meter, bound.flag(0) ? key : Sorting.folded(meter, key)))) {
                kept.add(item);
            }
        }
        return new Value.ListValue(kept);
    }

    private static Value groupBy(Meter meter, Value input, Arguments arguments) {
        Bound bound = arguments.bind("groupby", 1, "attribute", "default", "case_sensitive");
        UnaryOperator<Value> attribute = Attributes.reader(meter, bound, 0, bound.value(1));
        Comparator<Value> order = Sorting.order(meter, bound.flag(2));
        Comparator<Value> byAttribute = (a, b) -> order.compare(attribute.apply(a), attribute.apply(b));
        List<Value> groups = new ArrayList<>();
        List<Value> group = new ArrayList<>();
        for (Value item : Sorting.sorted(meter, Access.items(meter, input), byAttribute, false)) {
            if (!group.isEmpty() && byAttribute.compare(group.getFirst(), item) != 0) {
                groups.add(group(attribute.apply(group.getFirst()), group));
                group = new ArrayList<>();
            }
            meter.entries(1);
            group.add(item);
        }
        if (!group.isEmpty()) {
            groups.add(group(attribute.apply(group.getFirst()), group));
        }
        return new Value.ListValue(groups);
    }

    private static Value group(Value grouper, List<Value> items) {
        return new Value.TupleValue(List.of(grouper, new Value.ListValue(items)), List.of("grouper", "list"));
    }

    private static Value batch(Meter meter, Value input, Arguments arguments) {
        Bound bound = arguments.bind("batch", 1, "linecount", "fill_with");
        List<Value> items = Access.items(meter, input);
        long size = bound.integer(0);
        if (size < 1) {
            throw TemplateError.failed("'batch' is asked for batches of " + size);
        }
        List<Value> batches = new ArrayList<>();
        for (int from = 0; from < items.size(); from += (int) size) {
            int to = (int) Math.min(items.size(), from + size);
            List<Value> batch = new ArrayList<>(items.subList(from, to));
            meter.elements(batch.size());
            if (bound.given(1)) {
                meter.elements(size);
                while (batch.size() < size) {
                    batch.add(bound.required(1));
                }
            }
            batches.add(new Value.ListValue(batch));
            if (to == items.size()) {
                break;
            }
        }
        return new Value.ListValue(batches);
    }

    private static Value slice(Meter meter, Value input, Arguments arguments) {
        Bound bound = arguments.bind("slice", 1, "slices", "fill_with");
        List<Value> items = Access.items(meter, input);
        long count = bound.integer(0);
        if (count < 1) {
            throw TemplateError.failed("'slice' is asked for " + count + " slices");
        }
        meter.entries(count);
        int least = (int) (items.size() / count);
        int longer = (int) (items.size() % count);
        List<Value> slices = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < count; i++) {
            int to = from + least + (i < longer ? 1 : 0);
            List<Value> slice = new ArrayList<>(items.subList(from, to));
            if (bound.given(1) && longer > 0 && i >= longer) {
                slice.add(bound.required(1));
            }
            slices.add(new Value.ListValue(slice));
            from = to;
        }
        return new Value.ListValue(slices);
    }
}
