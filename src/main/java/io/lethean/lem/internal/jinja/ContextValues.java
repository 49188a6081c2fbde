package io.lethean.lem.internal.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns Java objects into the values of a template, by copying. */
final class ContextValues {

    private static final int DEEPEST = 200;

    private ContextValues() {}

    static Value of(@Nullable Object object) {
        return of(object, 0);
    }

    private static Value of(@Nullable Object object, int depth) {
        if (depth > DEEPEST) {
            throw new IllegalArgumentException("A context value nests deeper than " + DEEPEST + " levels.");
        }
        return switch (object) {
            case null -> Value.None.NONE;
            case String text -> new Value.Text(text);
            case Boolean truth -> Value.Bool.of(truth);
            case Byte number -> new Value.Int(number);
            case Short number -> new Value.Int(number);
            case Integer number -> new Value.Int(number);
            case Long number -> new Value.Int(number);
            case BigInteger number -> new Value.Real(number.doubleValue());
            case Float number -> new Value.Real(number);
            case Double number -> new Value.Real(number);
            case Collection<?> items -> list(items, depth);
            case Map<?, ?> entries -> dict(entries, depth);
            default ->
                throw new IllegalArgumentException(
                        "A context value is of " + object.getClass().getName() + ", which templates have no type for.");
        };
    }

    private static Value list(Collection<?> items, int depth) {
        List<Value> values = new ArrayList<>(items.size());
        for (Object item : items) {
            values.add(of(item, depth + 1));
        }
        return new Value.ListValue(values);
    }

    private static Value dict(Map<?, ?> entries, int depth) {
        Value.Dict dict = new Value.Dict();
        entries.forEach((key, value) -> {
            if (!(key instanceof String name)) {
                throw new IllegalArgumentException("A mapping in the context has a key that is not a string.");
            }
            dict.put(name, of(value, depth + 1));
        });
        return dict;
    }
}
