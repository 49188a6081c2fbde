package io.lethean.lem.internal.jinja;

/** What values are called in messages. */
final class TypeNames {

    private TypeNames() {}

    static String of(Value value) {
        return switch (value) {
            case Value.Undefined(String name) -> "the undefined '" + name + "'";
            case Value.None _ -> "none";
            case Value.Bool _ -> "a boolean";
            case Value.Int _ -> "an integer";
            case Value.Real _ -> "a float";
            case Value.Text _ -> "a string";
            case Value.ListValue _ -> "a list";
            case Value.TupleValue _ -> "a tuple";
            case Value.Dict _ -> "a mapping";
            case Value.Namespace _ -> "a namespace";
            case Value.Function _ -> "a function";
            case Loop _ -> "a loop";
        };
    }
}
