package io.lethean.lem.template;

import io.lethean.lem.template.Value.Dict;
import io.lethean.lem.template.Value.Sequence;
import io.lethean.lem.template.Value.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Members, elements and slices of values, and calling them. */
final class Access {

    private Access() {}

    /** {@code value.name}: a method first, then an entry; undefined where there is neither. */
    static Value member(Meter meter, Value value, String name) {
        Value member = ownMember(value, name);
        if (member == null && value instanceof Dict dict) {
            member = dict.get(name);
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
            case Value.Function(String own, _) -> name.equals("name") ? new Text(own) : null;
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
        return !(key instanceof Value.ListValue || key instanceof Dict
                || key instanceof Value.Namespace || key instanceof Value.Function || key instanceof Loop);
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
        return new Text(Character.toString(text.codePointAt(Characters.offset(text, (int) at))));
    }

    /** {@code value[start:stop:step]}; an absent bound is null. Undefined for what has no elements. */
    static Value slice(Meter meter, Value value, @Nullable Value start, @Nullable Value stop, @Nullable Value step) {
        long by = bound(step, 1);
        if (by == 0) {
            throw TemplateError.failed("a slice has the step 0");
        }
        return switch (value) {
            case Text(String text) -> {
                meter.scan(text.length());
                int[] characters = text.codePoints().toArray();
                meter.text(2L * characters.length);
                StringBuilder sliced = new StringBuilder();
                indices(characters.length, start, stop, by).forEach(i -> sliced.appendCodePoint(characters[i]));
                yield new Text(sliced.toString());
            }
            case Value.ListValue list -> new Value.ListValue(slice(meter, list.items(), start, stop, by));
            case Value.TupleValue tuple -> new Value.TupleValue(slice(meter, tuple.items(), start, stop, by));
            case Value _ -> new Value.Undefined("a slice");
        };
    }

    private static List<Value> slice(
            Meter meter, List<Value> items, @Nullable Value start, @Nullable Value stop, long step) {
        meter.elements(items.size());
        List<Value> sliced = new ArrayList<>();
        indices(items.size(), start, stop, step).forEach(i -> sliced.add(items.get(i)));
        return sliced;
    }

    private static IntStream indices(
            int length, @Nullable Value start, @Nullable Value stop, long step) {
        long first = step > 0 ? 0 : -1;
        long past = step > 0 ? length : length - 1;
        long from = clamp(bound(start, step > 0 ? first : past), start, length, first, past);
        long to = clamp(bound(stop, step > 0 ? past : first), stop, length, first, past);
        long count = step > 0 ? (to - from + step - 1) / step : (from - to - step - 1) / -step;
        return LongStream.range(0, Math.max(0, Math.min(count, length)))
                .mapToInt(i -> (int) (from + i * step));
    }

    /** A given bound counts from the end where negative; an absent one is where it must be already. */
    private static long clamp(long bound, @Nullable Value given, int length, long first, long past) {
        boolean absent = given == null || given instanceof Value.None;
        long absolute = !absent && bound < 0 ? bound + length : bound;
        return Math.clamp(absolute, first, past);
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
            case Value.Function(_, Value.Function.Body body) -> body.call(meter, arguments);
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
            case Value.TupleValue(List<Value> items, _) -> items;
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
                yield text.codePoints().<Value>mapToObj(c -> new Text(Character.toString(c))).toList();
            }
            case Value.Undefined _ -> List.of();
            case Value other -> throw TemplateError.failed(TypeNames.of(other) + " cannot be iterated over");
        };
    }
}
