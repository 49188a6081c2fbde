package io.lethean.lem.internal.jinja;

import io.lethean.lem.internal.jinja.Value.Text;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Python's order of values, for the filters that sort. */
final class Sorting {

    private Sorting() {}

    /** By value, capital letters equal to small ones unless case matters. */
    static Comparator<Value> order(Meter meter, boolean caseSensitive) {
        return (a, b) ->
                Comparison.compare(meter, caseSensitive ? a : folded(meter, a), caseSensitive ? b : folded(meter, b));
    }

    static Value folded(Meter meter, Value value) {
        return value instanceof Text(String text) ? meter.created(text.toLowerCase(Locale.ROOT)) : value;
    }

    /** Equal values keep their order, reversed or not. */
    static List<Value> sorted(Meter meter, List<Value> items, Comparator<Value> order, boolean reverse) {
        meter.elements(items.size());
        List<Value> sorted = new ArrayList<>(items);
        try {
            sorted.sort(reverse ? order.reversed() : order);
        } catch (IllegalArgumentException e) {
            // NaN has no place in an order, which sorting may notice.
            throw TemplateError.failed("the values to sort have no order");
        }
        return sorted;
    }
}
