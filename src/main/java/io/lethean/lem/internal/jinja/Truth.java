package io.lethean.lem.internal.jinja;

/** What counts as true: everything but undefined, none, false, zero and what is empty. */
final class Truth {

    private Truth() {}

    static boolean of(Value value) {
        return switch (value) {
            case Value.Undefined _, Value.None _ -> false;
            case Value.Bool(boolean truth) -> truth;
            case Value.Int(long number) -> number != 0;
            case Value.Real(double number) -> number != 0;
            case Value.Text(String text) -> !text.isEmpty();
            case Value.Sequence sequence -> !sequence.items().isEmpty();
            case Value.Dict dict -> dict.size() > 0;
            case Value.Namespace _, Value.Function _, Loop _ -> true;
        };
    }
}
