package io.lethean.lem.internal.jinja;

/**
 * What mappings look values up by: a string for each value that can be a key, the same for what Python takes as equal
 * (1, 1.0 and true).
 *
 * <p>Strings only, because they have an order: a template that makes many keys of one hash cannot make look-ups slow.
 */
final class Keys {

    /** First character of keys that are not strings; a string that starts with it gets another mark. */
    private static final String MARK = "\0";

    private Keys() {}

    static String ofText(String text) {
        return text.startsWith(MARK) ? MARK + "s" + text : text;
    }

    static String of(Meter meter, Value value) {
        if (value instanceof Value.Text(String text)) {
            meter.scan(text.length());
            return ofText(text);
        }
        StringBuilder key = new StringBuilder(MARK);
        append(meter, key, value);
        return key.toString();
    }

    private static void append(Meter meter, StringBuilder key, Value value) {
        meter.step();
        switch (value) {
            // With its length, so that two texts in a tuple cannot be taken for two others.
            case Value.Text(String text) -> {
                meter.text(text.length());
                key.append('s').append(text.length()).append(':').append(text);
            }
            case Value.Bool(boolean truth) -> key.append('i').append(truth ? 1 : 0);
            case Value.Int(long number) -> key.append('i').append(number);
            case Value.Real(double number) -> {
                if (number == (long) number) {
                    key.append('i').append((long) number);
                } else {
                    key.append('d').append(Double.doubleToLongBits(number));
                }
            }
            case Value.None _ -> key.append('n');
            // Every undefined value equals every other one.
            case Value.Undefined _ -> key.append('u');
            case Value.TupleValue tuple -> {
                meter.enter();
                key.append('(');
                for (Value item : tuple.items()) {
                    append(meter, key, item);
                    key.append(',');
                }
                key.append(')');
                meter.leave();
            }
            case Value.ListValue _, Value.Dict _, Value.Namespace _, Value.Function _, Loop _ ->
                throw TemplateError.failed(TypeNames.of(value) + " cannot be the key of a mapping");
        }
    }
}
