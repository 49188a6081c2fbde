package io.lethean.lem.internal.jinja;

import io.lethean.lem.internal.jinja.Value.Dict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Methods of mappings; none that changes one. */
final class DictMethods {

    private static final Map<String, Method<Dict>> BY_NAME = Map.of(
            "copy", DictMethods::copy,
            "get", DictMethods::get,
            "items", (meter, self, arguments) -> list(meter, self, arguments, DictMethods::pair),
            "keys", (meter, self, arguments) -> list(meter, self, arguments, Dict.Entry::key),
            "values", (meter, self, arguments) -> list(meter, self, arguments, Dict.Entry::value));

    private DictMethods() {}

    static @Nullable Value bind(Dict self, String name) {
        Method<Dict> method = BY_NAME.get(name);
        return method == null ? null : method.bindTo(self, name);
    }

    private static Value get(Meter meter, Dict self, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("get", 1, "key", "default");
        Value value = self.get(Keys.of(meter, bound.required(0)));
        return value == null ? bound.value(1, Value.None.NONE) : value;
    }

    private static Value copy(Meter meter, Dict self, Arguments arguments) {
        arguments.bind("copy", 0);
        meter.entries(self.size());
        Dict copy = new Dict();
        self.entries().forEach(entry -> copy.put(Keys.of(meter, entry.key()), entry.key(), entry.value()));
        return copy;
    }

    private static Value list(Meter meter, Dict self, Arguments arguments, Function<Dict.Entry, Value> part) {
        arguments.bind("items", 0);
        meter.entries(self.size());
        List<Value> parts = new ArrayList<>(self.size());
        self.entries().forEach(entry -> parts.add(part.apply(entry)));
        return new Value.ListValue(parts);
    }

    private static Value pair(Dict.Entry entry) {
        return new Value.TupleValue(List.of(entry.key(), entry.value()));
    }
}
