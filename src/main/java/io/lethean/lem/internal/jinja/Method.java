package io.lethean.lem.internal.jinja;

/** What {@code value.name(arguments)} does, for values of one type. */
@FunctionalInterface
interface Method<T extends Value> {

    Value call(Meter meter, T self, Arguments arguments);

    /** The method as a value of its own. */
    default Value bindTo(T self, String name) {
        return new Value.Function(name, (meter, arguments) -> call(meter, self, arguments));
    }
}
