package io.lethean.lem.internal.jinja;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a function, filter, test or method is called with.
 *
 * @param positional values by position
 * @param named values by name, in the order of the call
 */
record Arguments(List<Value> positional, Map<String, Value> named) {

    static final Arguments NONE = new Arguments(List.of(), Map.of());

    static Arguments of(List<Value> positional) {
        return new Arguments(positional, Map.of());
    }

    /**
     * Assigns the arguments to parameters.
     *
     * @param callee for messages
     * @param required how many of the parameters must be given
     */
    Bound bind(String callee, int required, String... parameters) {
        if (positional.size() > parameters.length) {
            throw TemplateError.failed("'" + callee + "' takes at most " + parameters.length
                    + " arguments and is given " + positional.size());
        }
        @Nullable Value[] values = positional.toArray(new Value[parameters.length]);
        named.forEach((name, value) -> {
            int index = List.of(parameters).indexOf(name);
            if (index < 0 || values[index] != null) {
                throw TemplateError.failed("'" + callee + "' has no use for an argument named '" + name + "'");
            }
            values[index] = value;
        });
        for (int i = 0; i < required; i++) {
            if (values[i] == null) {
                throw TemplateError.failed("'" + callee + "' is called without its argument '" + parameters[i] + "'");
            }
        }
        return new Bound(callee, parameters, values);
    }

    /** The first argument alone and the others, for callees that pass arguments on. */
    Arguments rest(int from) {
        return new Arguments(positional.subList(Math.min(from, positional.size()), positional.size()), named);
    }

    Iterator<Value> iterator() {
        return positional.iterator();
    }

    /** Arguments by parameter, null for a parameter without an argument. */
    static final class Bound {

        private final String callee;
        private final String[] parameters;
        private final @Nullable Value[] values;

        private Bound(String callee, String[] parameters, @Nullable Value[] values) {
            this.callee = callee;
            this.parameters = parameters;
            this.values = values;
        }

        @Nullable
        Value value(int index) {
            return values[index];
        }

        Value value(int index, Value byDefault) {
            Value value = values[index];
            return value == null ? byDefault : value;
        }

        Value required(int index) {
            Value value = values[index];
            if (value == null) {
                throw new IllegalStateException("A required argument is read as optional.");
            }
            return value;
        }

        boolean given(int index) {
            return values[index] != null && !(values[index] instanceof Value.None);
        }

        boolean flag(int index) {
            Value value = values[index];
            return value != null && Truth.of(value);
        }

        String text(int index) {
            Value value = values[index];
            if (value instanceof Value.Text(String text)) {
                return text;
            }
            throw wrong(index, "a string", value);
        }

        String text(int index, String byDefault) {
            return given(index) ? text(index) : byDefault;
        }

        long integer(int index) {
            return switch (values[index]) {
                case Value.Int(long number) -> number;
                case Value.Bool(boolean truth) -> truth ? 1 : 0;
                case null -> throw wrong(index, "an integer", null);
                case Value other -> throw wrong(index, "an integer", other);
            };
        }

        long integer(int index, long byDefault) {
            return given(index) ? integer(index) : byDefault;
        }

        private TemplateError wrong(int index, String wanted, @Nullable Value found) {
            return TemplateError.failed("'" + callee + "' needs " + wanted + " as '" + parameters[index]
                    + "' and is given " + (found == null ? "nothing" : TypeNames.of(found)));
        }
    }
}
