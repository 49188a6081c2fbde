package io.lethean.lem.internal.jinja;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The names of a block; what is not found here is looked up in the block around it. */
final class Scope {

    private final @Nullable Scope parent;
    private final int depth;
    private final Map<String, Value> values = new HashMap<>();

    Scope(@Nullable Scope parent) {
        this.parent = parent;
        this.depth = parent == null ? 1 : parent.depth + 1;
    }

    /** How many scopes a look-up may go through. */
    int depth() {
        return depth;
    }

    Value get(String name) {
        for (Scope scope = this; scope != null; scope = scope.parent) {
            Value value = scope.values.get(name);
            if (value != null) {
                return value;
            }
        }
        return new Value.Undefined(name);
    }

    void set(String name, Value value) {
        values.put(name, value);
    }
}
