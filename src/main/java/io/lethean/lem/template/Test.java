package io.lethean.lem.template;

/** What {@code value is name(arguments)} asks. */
@FunctionalInterface
interface Test {
    boolean holds(Meter meter, Value value, Arguments arguments);
}
