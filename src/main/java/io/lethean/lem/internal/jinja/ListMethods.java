package io.lethean.lem.internal.jinja;

import io.lethean.lem.internal.jinja.Value.ListValue;
import io.lethean.lem.internal.jinja.Value.Sequence;
import io.lethean.lem.internal.jinja.Value.TupleValue;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Methods of lists and tuples. Of those that change a list, the two that published templates use. */
final class ListMethods {

    private static final Map<String, Method<ListValue>> OF_LISTS = Map.of(
            "append", ListMethods::append,
            "copy", ListMethods::copy,
            "count", ListMethods::count,
            "index", ListMethods::index,
            "pop", ListMethods::pop);

    private static final Map<String, Method<TupleValue>> OF_TUPLES = Map.of(
            "count", ListMethods::count,
            "index", ListMethods::index);

    private ListMethods() {}

    static @Nullable Value bind(ListValue self, String name) {
        Method<ListValue> method = OF_LISTS.get(name);
        return method == null ? null : method.bindTo(self, name);
    }

    static @Nullable Value bindToTuple(TupleValue self, String name) {
        Method<TupleValue> method = OF_TUPLES.get(name);
        return method == null ? null : method.bindTo(self, name);
    }

    private static Value append(Meter meter, ListValue self, Arguments arguments) {
        Value item = arguments.bind("append", 1, "item").required(0);
        meter.elements(1);
        self.items().add(item);
        return Value.None.NONE;
    }

    private static Value pop(Meter meter, ListValue self, Arguments arguments) {
        long index = arguments.bind("pop", 0, "index").integer(0, -1);
        List<Value> items = self.items();
        long at = index < 0 ? index + items.size() : index;
        if (at < 0 || at >= items.size()) {
            throw TemplateError.failed("'pop' finds no element " + index + " in a list of " + items.size());
        }
        meter.steps(1 + (items.size() - at) / 8);
        return items.remove((int) at);
    }

    private static Value copy(Meter meter, ListValue self, Arguments arguments) {
        arguments.bind("copy", 0);
        meter.elements(self.items().size());
        return new ListValue(self.items());
    }

    private static Value count(Meter meter, Sequence self, Arguments arguments) {
        Value wanted = arguments.bind("count", 1, "value").required(0);
        long count = 0;
        for (Value item : self.items()) {
            count += Comparison.equal(meter, item, wanted) ? 1 : 0;
        }
        return new Value.Int(count);
    }

    private static Value index(Meter meter, Sequence self, Arguments arguments) {
        Value wanted = arguments.bind("index", 1, "value").required(0);
        for (int i = 0; i < self.items().size(); i++) {
            if (Comparison.equal(meter, self.items().get(i), wanted)) {
                return new Value.Int(i);
            }
        }
        throw TemplateError.failed("'index' does not find its value in the sequence");
    }
}
