package io.lethean.lem.internal.jinja;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A value while a template runs, with the types that Python has. */
sealed interface Value
        permits Value.Undefined,
                Value.None,
                Value.Bool,
                Value.Int,
                Value.Real,
                Value.Text,
                Value.Sequence,
                Value.Dict,
                Value.Namespace,
                Value.Function,
                Loop {

    Text EMPTY_TEXT = new Text("");

    /** A name, member or element that is not there; the name serves messages. */
    record Undefined(String name) implements Value {}

    record None() implements Value {
        static final None NONE = new None();
    }

    record Bool(boolean value) implements Value {
        static final Bool TRUE = new Bool(true);
        static final Bool FALSE = new Bool(false);

        static Bool of(boolean value) {
            return value ? TRUE : FALSE;
        }
    }

    /** An integer; Python's have no bound, these have 64 bits and overflow is an error. */
    record Int(long value) implements Value {}

    record Real(double value) implements Value {}

    record Text(String value) implements Value {

        /** Single characters are asked for one after the other, so the common ones are kept. */
        private static final Text[] ASCII = new Text[128];

        static {
            Arrays.setAll(ASCII, c -> new Text(Character.toString(c)));
        }

        static Text of(int codePoint) {
            return codePoint < ASCII.length ? ASCII[codePoint] : new Text(Character.toString(codePoint));
        }
    }

    /** A list or a tuple. */
    sealed interface Sequence extends Value permits ListValue, TupleValue {
        List<Value> items();
    }

    /** A list; it can change, so it is not a record. */
    final class ListValue implements Sequence {
        private final ArrayList<Value> items;

        ListValue(List<? extends Value> items) {
            this.items = new ArrayList<>(items);
        }

        @Override
        public ArrayList<Value> items() {
            return items;
        }
    }

    /** A tuple; positions may also have names. */
    record TupleValue(List<Value> items, List<String> names) implements Sequence {
        TupleValue(List<? extends Value> items) {
            this(List.copyOf(items), List.of());
        }
    }

    /** A mapping in insertion order, looked up by what {@link Keys} makes of a key. */
    final class Dict implements Value {

        /** The key as it was given, and its value. */
        record Entry(Value key, Value value) {}

        private final Map<String, Entry> entries = new LinkedHashMap<>();

        @Nullable
        Value get(String key) {
            Entry entry = entries.get(key);
            return entry == null ? null : entry.value();
        }

        boolean has(String key) {
            return entries.containsKey(key);
        }

        /** Puts a value; as in Python the first of equal keys stays. */
        void put(String lookup, Value key, Value value) {
            entries.merge(lookup, new Entry(key, value), (old, fresh) -> new Entry(old.key(), fresh.value()));
        }

        void put(String key, Value value) {
            put(Keys.ofText(key), new Text(key), value);
        }

        Iterable<Entry> entries() {
            return entries.values();
        }

        int size() {
            return entries.size();
        }
    }

    /** The result of {@code namespace()}: {@code set} assigns its members. */
    record Namespace(Map<String, Value> members) implements Value {}

    /** Something to call: a macro, a global function, a method bound to its object. */
    record Function(String name, Body body) implements Value {

        /** What a call does. */
        @FunctionalInterface
        interface Body {
            Value call(Meter meter, Arguments arguments);
        }
    }
}
