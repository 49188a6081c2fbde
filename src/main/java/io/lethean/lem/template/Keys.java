package io.lethean.lem.template;

import java.util.ArrayList;
import java.util.List;

/**
 * What mappings look values up by: equal for what Python takes as equal (1, 1.0 and true), and made of strings, numbers
 * and lists of them, so that hashing one costs no more than making it.
 */
final class Keys {

    private Keys() {}

    static Object of(Meter meter, Value value) {
        return switch (value) {
            case Value.Text(String text) -> {
                meter.scan(text.length());
                yield text;
            }
            case Value.Bool(boolean truth) -> truth ? 1L : 0L;
            case Value.Int(long number) -> number;
            case Value.Real(double number) -> number == (long) number ? (Object) (long) number : (Object) number;
            case Value.None _ -> Value.None.NONE;
            case Value.TupleValue(List<Value> items, _) -> of(meter, items);
            // Every undefined value equals every other one.
            case Value.Undefined _ -> Value.Undefined.class;
            case Value.ListValue _, Value.Dict _, Value.Namespace _, Value.Function _, Loop _ ->
                throw TemplateError.failed(TypeNames.of(value) + " cannot be the key of a mapping");
        };
    }

    private static Object of(Meter meter, List<Value> items) {
        meter.enter();
        meter.elements(items.size());
        List<Object> keys = new ArrayList<>(items.size());
        for (Value item : items) {
            keys.add(of(meter, item));
        }
        meter.leave();
        return keys;
    }
}
