package io.lethean.lem.internal.jinja;

import io.lethean.lem.internal.jinja.Arguments.Bound;
import io.lethean.lem.internal.jinja.Value.Dict;
import io.lethean.lem.internal.jinja.Value.Function;
import io.lethean.lem.internal.jinja.Value.Text;
import java.time.Clock;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The functions that every template can call. */
final class Globals {

    private Globals() {}

    /** A scope with all of them. */
    static Scope scope(Clock clock) {
        Scope scope = new Scope(null);
        define(scope, "range", Globals::range);
        define(scope, "dict", Globals::dict);
        define(scope, "namespace", Globals::namespace);
        define(scope, "joiner", Globals::joiner);
        define(scope, "cycler", Globals::cycler);
        define(scope, "raise_exception", Globals::raise);
        define(
                scope,
                "strftime_now",
                (meter, arguments) -> Strftime.format(
                        meter, arguments.bind("strftime_now", 1, "format").text(0), ZonedDateTime.now(clock)));
        return scope;
    }

    private static void define(Scope scope, String name, Function.Body body) {
        scope.set(name, new Function(name, body));
    }

    private static Value raise(Meter meter, Arguments arguments) {
        Value message = arguments.bind("raise_exception", 1, "message").required(0);
        throw TemplateError.refused(PythonText.str(meter, message));
    }

    private static Value range(Meter meter, Arguments arguments) {
        boolean single = arguments.positional().size() < 2;
        Bound bound = single ? arguments.bind("range", 1, "stop") : arguments.bind("range", 2, "start", "stop", "step");
        long start = single ? 0 : bound.integer(0);
        long stop = bound.integer(single ? 0 : 1);
        long step = single ? 1 : bound.integer(2, 1);
        if (step == 0) {
            throw TemplateError.failed("'range' has the step 0");
        }
        long count = count(start, stop, step);
        meter.elements(count);
        List<Value> items = new ArrayList<>((int) count);
        for (long i = 0; i < count; i++) {
            items.add(new Value.Int(start + i * step));
        }
        return new Value.ListValue(items);
    }

    /** The length of the range; a range that exceeds 64 bits counts as endless. */
    private static long count(long start, long stop, long step) {
        if (step > 0 ? start >= stop : start <= stop) {
            return 0;
        }
        try {
            long distance = step > 0 ? Math.subtractExact(stop, start) : Math.subtractExact(start, stop);
            return (distance - 1) / Math.absExact(step) + 1;
        } catch (ArithmeticException e) {
            return Long.MAX_VALUE;
        }
    }

    private static Value dict(Meter meter, Arguments arguments) {
        Dict dict = new Dict();
        if (arguments.positional().size() > 1) {
            throw TemplateError.failed("'dict' takes one mapping or list of pairs and is given more");
        }
        for (Value source : arguments.positional()) {
            fill(meter, dict, source);
        }
        meter.entries(arguments.named().size());
        arguments.named().forEach(dict::put);
        return dict;
    }

    private static void fill(Meter meter, Dict dict, Value source) {
        if (source instanceof Dict other) {
            meter.entries(other.size());
            other.entries().forEach(entry -> dict.put(Keys.of(meter, entry.key()), entry.key(), entry.value()));
            return;
        }
        for (Value pair : Access.items(meter, source)) {
            List<Value> both = Access.items(meter, pair);
            if (both.size() != 2) {
                throw TemplateError.failed("'dict' needs pairs and finds a sequence of " + both.size());
            }
            meter.entries(1);
            dict.put(Keys.of(meter, both.get(0)), both.get(0), both.get(1));
        }
    }

    private static Value namespace(Meter meter, Arguments arguments) {
        Map<String, Value> members = new LinkedHashMap<>();
        for (Dict.Entry entry : ((Dict) dict(meter, arguments)).entries()) {
            if (entry.key() instanceof Text(String name)) {
                members.put(name, entry.value());
            }
        }
        return new Value.Namespace(members);
    }

    /** A function that gives nothing the first time and the separator from then on. */
    private static Value joiner(Meter meter, Arguments arguments) {
        Value separator = arguments.bind("joiner", 0, "sep").value(0, new Text(", "));
        boolean[] called = {false};
        return new Function("joiner", (_, _) -> {
            boolean first = !called[0];
            called[0] = true;
            return first ? Value.EMPTY_TEXT : separator;
        });
    }

    /** An object; each call of {@code next()} gives the next value, in a cycle. */
    private static Value cycler(Meter meter, Arguments arguments) {
        List<Value> values = List.copyOf(arguments.positional());
        if (values.isEmpty()) {
            throw TemplateError.failed("'cycler' is called without anything to cycle through");
        }
        int[] position = {0};
        Map<String, Value> members = new LinkedHashMap<>();
        Value cycler = new Value.Namespace(members);
        members.put("current", values.getFirst());
        members.put("next", new Function("next", (_, _) -> {
            Value current = values.get(position[0]);
            position[0] = (position[0] + 1) % values.size();
            members.put("current", values.get(position[0]));
            return current;
        }));
        members.put("reset", new Function("reset", (_, _) -> {
            position[0] = 0;
            members.put("current", values.getFirst());
            return Value.None.NONE;
        }));
        return cycler;
    }
}
