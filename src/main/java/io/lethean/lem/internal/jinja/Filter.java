package io.lethean.lem.internal.jinja;

/** What {@code value|name(arguments)} does. */
@FunctionalInterface
interface Filter {
    Value apply(Meter meter, Value input, Arguments arguments);
}
