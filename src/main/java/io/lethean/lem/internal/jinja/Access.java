package io.lethean.lem.internal.jinja;

import io.lethean.lem.internal.jinja.Value.Dict;
import io.lethean.lem.internal.jinja.Value.Sequence;
import io.lethean.lem.internal.jinja.Value.Text;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Members, elements and slices of values, and calling them. */
final class Access {

    private Access() {}

    /** {@code value.name}: a method first, then an entry; undefined where there is neither. */
    static Value member(Meter meter, Value value, String name) {
        Value member = ownMember(value, name);
        if (member == null && value instanceof Dict dict) {
            member = dict.get(Keys.ofText(name));
        }
        return member == null ? new Value.Undefined(name) : member;
    }

    private static @Nullable Value ownMember(Value value, String name) {
        return switch (value) {
            case Text text -> TextMethods.bind(text, name);
            case Value.ListValue list -> ListMethods.bind(list, name);
            case Value.TupleValue tuple -> {
                int named = tuple.names().indexOf(name);
                yield named >= 0 ? tuple.items().get(named) : ListMethods.bindToTuple(tuple, name);
            }
            case Dict dict -> DictMethods.bind(dict, name);
            case Value.Namespace(var members) -> members.get(name);
            case Loop loop -> loop.member(name);
            case Value.Function function -> name.equals("name") ? new Text(function.name()) : null;
            case Value.Undefined _, Value.None _, Value.Bool _, Value.Int _, Value.Real _ -> null;
        };
    }

    /** {@code value[key]}: an entry or element first, then a method; undefined where there is neither. */
    static Value element(Meter meter, Value value, Value key) {
        meter.step();
        Value element = switch (value) {
            case Dict dict when isKey(key) -> dict.get(Keys.of(meter, key));
            case Sequence sequence when isIndex(key) -> element(sequence.items(), Numbers.toLong(key));
            case Text(String text) when isIndex(key) -> character(meter, text, Numbers.toLong(key));
            case Value other -> null;
        };
        if (element == null && key instanceof Text(String name)) {
            element = ownMember(value, name);
        }
        return element == null ? new Value.Undefined(key instanceof Text(String name) ? name : "element") : element;
    }

    private static boolean isKey(Value key) {
        return !(key instanceof Value.ListValue
                || key instanceof Dict
                || key instanceof Value.Namespace
                || key instanceof Value.Function
                || key instanceof Loop);
    }

    private static boolean isIndex(Value key) {
        return key instanceof Value.Int || key instanceof Value.Bool;
    }

    private static @Nullable Value element(List<Value> items, long index) {
        long at = index < 0 ? index + items.size() : index;
        return at >= 0 && at < items.size() ? items.get((int) at) : null;
    }

    private static @Nullable Value character(Meter meter, String text, long index) {
        meter.scan(text.length());
        int length = Characters.length(text);
        long at = index < 0 ? index + length : index;
        if (at < 0 || at >= length) {
            return null;
        }
        return Value.Text.of(text.codePointAt(Characters.offset(text, (int) at)));
    }

    /** {@code value[start:stop:step]}; an absent bound is null. Undefined for what has no elements. */
    static Value slice(Meter meter, Value value, @Nullable Value start, @Nullable Value stop, @Nullable Value step) {
        long by = bound(step, 1);
        if (by == 0) {
            throw TemplateError.failed("a slice has the step 0");
        }
        return switch (value) {
            case Text(String text) -> slice(meter, text, start, stop, by);
            case Value.ListValue list -> new Value.ListValue(slice(meter, list.items(), start, stop, by));
            case Value.TupleValue tuple -> new Value.TupleValue(slice(meter, tuple.items(), start, stop, by));
            case Value _ -> new Value.Undefined("a slice");
        };
    }

    private static Text slice(Meter meter, String text, @Nullable Value start, @Nullable Value stop, long step) {
        meter.scan(text.length());
        Range range = Range.of(Characters.length(text), start, stop, step);
        if (step == 1) {
            int from = Characters.offset(text, range.first());
            return meter.created(text.substring(from, text.offsetByCodePoints(from, range.count())));
        }
        int[] characters = text.codePoints().toArray();
        meter.text(2L * characters.length + range.count());
        StringBuilder sliced = new StringBuilder(range.count());
        for (int i = 0; i < range.count(); i++) {
            sliced.appendCodePoint(characters[range.index(i)]);
        }
        return new Text(sliced.toString());
    }

    private static List<Value> slice(
            Meter meter, List<Value> items, @Nullable Value start, @Nullable Value stop, long step) {
        Range range = Range.of(items.size(), start, stop, step);
        meter.elements(range.count());
        List<Value> sliced = new ArrayList<>(range.count());
        for (int i = 0; i < range.count(); i++) {
            sliced.add(items.get(range.index(i)));
        }
        return sliced;
    }

    /** The indices of a slice, as Python works them out. */
    private record Range(int first, int count, long step) {

        static Range of(int length, @Nullable Value start, @Nullable Value stop, long step) {
            long lowest = step > 0 ? 0 : -1;
            long highest = step > 0 ? length : length - 1;
            long from = absolute(start, step > 0 ? lowest : highest, length, lowest, highest);
            long to = absolute(stop, step > 0 ? highest : lowest, length, lowest, highest);
            long count = step > 0 ? (to - from + step - 1) / step : (from - to - step - 1) / -step;
            return new Range((int) from, Math.clamp(count, 0, length), step);
        }

        /** A given bound counts from the end where negative; an absent one is where it must be already. */
        private static long absolute(@Nullable Value given, long byDefault, int length, long lowest, long highest) {
            if (given == null || given instanceof Value.None) {
                return byDefault;
            }
            long bound = bound(given, 0);
            return Math.clamp(bound < 0 ? bound + length : bound, lowest, highest);
        }

        int index(int i) {
            return (int) (first + i * step);
        }
    }

    private static long bound(@Nullable Value value, long byDefault) {
        if (value == null || value instanceof Value.None) {
            return byDefault;
        }
        if (!isIndex(value)) {
            throw TemplateError.failed("a slice has " + TypeNames.of(value) + " as a bound");
        }
        // Far beyond any length, and far enough from overflow.
        return Math.clamp(Numbers.toLong(value), -(1L << 40), 1L << 40);
    }

    static Value call(Meter meter, Value callee, Arguments arguments) {
        meter.enter();
        Value result = switch (callee) {
            case Value.Function function -> function.body().call(meter, arguments);
            case Loop loop -> loop.call(meter, arguments);
            case Value.Undefined(String name) ->
                throw TemplateError.failed("'" + name + "' is undefined, so it cannot be called");
            case Value other -> throw TemplateError.failed(TypeNames.of(other) + " cannot be called");
        };
        meter.leave();
        return result;
    }

    /** The items that a loop over the value goes through, as a list of its own. */
    static List<Value> items(Meter meter, Value value) {
        return switch (value) {
            case Value.TupleValue tuple -> tuple.items();
            case Value.ListValue list -> {
                // A loop may append to the list it goes through.
                meter.elements(list.items().size());
                yield List.copyOf(list.items());
            }
            case Dict dict -> {
                meter.elements(dict.size());
                List<Value> keys = new ArrayList<>(dict.size());
                dict.entries().forEach(entry -> keys.add(entry.key()));
                yield keys;
            }
            case Text(String text) -> {
                meter.elements(text.length());
                List<Value> characters = new ArrayList<>(text.length());
                for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
                    characters.add(Value.Text.of(text.codePointAt(i)));
                }
                yield characters;
            }
            case Value.Undefined _ -> List.of();
            case Value other -> throw TemplateError.failed(TypeNames.of(other) + " cannot be iterated over");
        };
    }
}
