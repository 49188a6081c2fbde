package io.lethean.lem.internal.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The variable {@code loop} of a running for loop. */
final class Loop implements Value {

    private final List<Value> items;
    private final int depth;
    private final Value.Function.@Nullable Body recursion;
    private int index;
    private @Nullable Value lastChecked;

    Loop(List<Value> items, int depth, Value.Function.@Nullable Body recursion) {
        this.items = items;
        this.depth = depth;
        this.recursion = recursion;
    }

    int size() {
        return items.size();
    }

    void moveTo(int newIndex) {
        index = newIndex;
    }

    /** Renders the loop's body for other items, where the loop is recursive. */
    Value call(Meter meter, Arguments arguments) {
        if (recursion == null) {
            throw TemplateError.failed("'loop' is called and the loop is not marked recursive");
        }
        return recursion.call(meter, arguments);
    }

    @Nullable
    Value member(String name) {
        return switch (name) {
            case "index" -> new Value.Int(index + 1);
            case "index0" -> new Value.Int(index);
            case "revindex" -> new Value.Int(items.size() - index);
            case "revindex0" -> new Value.Int(items.size() - index - 1);
            case "first" -> Value.Bool.of(index == 0);
            case "last" -> Value.Bool.of(index == items.size() - 1);
            case "length" -> new Value.Int(items.size());
            case "depth" -> new Value.Int(depth);
            case "depth0" -> new Value.Int(depth - 1);
            case "previtem" -> index == 0 ? new Value.Undefined("previtem") : items.get(index - 1);
            case "nextitem" -> index == items.size() - 1 ? new Value.Undefined("nextitem") : items.get(index + 1);
            case "cycle" -> new Value.Function("cycle", (_, arguments) -> cycle(arguments.positional()));
            case "changed" ->
                new Value.Function(
                        "changed", (meter, arguments) -> changed(meter, new Value.TupleValue(arguments.positional())));
            default -> null;
        };
    }

    private Value cycle(List<Value> values) {
        if (values.isEmpty()) {
            throw TemplateError.failed("'cycle' is called without anything to cycle through");
        }
        return values.get(index % values.size());
    }

    private Value changed(Meter meter, Value now) {
        Value before = lastChecked;
        lastChecked = now;
        return Value.Bool.of(before == null || !Comparison.equal(meter, before, now));
    }
}
