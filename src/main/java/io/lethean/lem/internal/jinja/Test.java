package io.lethean.lem.internal.jinja;

/** What {@code value is name(arguments)} asks. */
@FunctionalInterface
interface Test {
    boolean holds(Meter meter, Value value, Arguments arguments);
}
