package io.lethean.lem.template;

/** What {@code value|name(arguments)} does. */
@FunctionalInterface
interface Filter {
    Value apply(Meter meter, Value input, Arguments arguments);
}
