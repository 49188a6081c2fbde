package io.lethean.lem.internal.jinja;

import io.lethean.lem.internal.jinja.Value.Text;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** The tests by name. */
final class Tests {

    private static final Map<String, Test> BY_NAME = all();

    private Tests() {}

    static Test named(String name) {
        Test test = BY_NAME.get(name);
        if (test == null) {
            throw TemplateError.failed("there is no test '" + name + "'");
        }
        return test;
    }

    private static Map<String, Test> all() {
        Map<String, Test> tests = new HashMap<>();
        addTypes(tests);
        addNumbers(tests);
        addComparisons(tests);
        tests.put("defined", plain(value -> !(value instanceof Value.Undefined)));
        tests.put("undefined", plain(value -> value instanceof Value.Undefined));
        tests.put("lower", cased(text -> text.toLowerCase(Locale.ROOT)));
        tests.put("upper", cased(text -> text.toUpperCase(Locale.ROOT)));
        tests.put("escaped", plain(_ -> false));
        tests.put("filter", plain(value -> value instanceof Text(String name) && Filters.exists(name)));
        tests.put("test", (_, value, _) -> value instanceof Text(String name) && exists(name));
        return Map.copyOf(tests);
    }

    private static boolean exists(String name) {
        return BY_NAME.containsKey(name);
    }

    private static void addTypes(Map<String, Test> tests) {
        tests.put("boolean", plain(value -> value instanceof Value.Bool));
        tests.put("true", plain(value -> value instanceof Value.Bool(boolean truth) && truth));
        tests.put("false", plain(value -> value instanceof Value.Bool(boolean truth) && !truth));
        tests.put("none", plain(value -> value instanceof Value.None));
        tests.put("string", plain(value -> value instanceof Text));
        tests.put("integer", plain(value -> value instanceof Value.Int));
        tests.put("float", plain(value -> value instanceof Value.Real));
        tests.put("number", plain(Numbers::isNumber));
        tests.put("mapping", plain(value -> value instanceof Value.Dict));
        tests.put("sequence", plain(Tests::isIterable));
        tests.put("iterable", plain(Tests::isIterable));
        tests.put("callable", plain(value -> value instanceof Value.Function || value instanceof Loop));
    }

    private static boolean isIterable(Value value) {
        return value instanceof Text
                || value instanceof Value.Sequence
                || value instanceof Value.Dict
                || value instanceof Value.Undefined
                || value instanceof Loop;
    }

    private static void addNumbers(Map<String, Test> tests) {
        tests.put("odd", plain(value -> remainder(value, 2) == 1));
        tests.put("even", plain(value -> remainder(value, 2) == 0));
        tests.put(
                "divisibleby",
                (_, value, arguments) ->
                        remainder(value, arguments.bind("divisibleby", 1, "num").integer(0)) == 0);
    }

    private static double remainder(Value value, long divisor) {
        return Numbers.toDouble(Numbers.calculate("%", value, new Value.Int(divisor)));
    }

    private static void addComparisons(Map<String, Test> tests) {
        Map<String, String> operators = Map.ofEntries(
                Map.entry("==", "=="),
                Map.entry("eq", "=="),
                Map.entry("equalto", "=="),
                Map.entry("!=", "!="),
                Map.entry("ne", "!="),
                Map.entry("<", "<"),
                Map.entry("lt", "<"),
                Map.entry("lessthan", "<"),
                Map.entry("<=", "<="),
                Map.entry("le", "<="),
                Map.entry(">", ">"),
                Map.entry("gt", ">"),
                Map.entry("greaterthan", ">"),
                Map.entry(">=", ">="),
                Map.entry("ge", ">="),
                Map.entry("in", "in"));
        operators.forEach((name, operator) -> tests.put(
                name,
                (meter, value, arguments) -> Comparison.holds(
                        meter, operator, value, arguments.bind(name, 1, "other").required(0))));
        tests.put(
                "sameas",
                (_, value, arguments) ->
                        isSame(value, arguments.bind("sameas", 1, "other").required(0)));
    }

    /** Identity; for constants, equality. */
    private static boolean isSame(Value a, Value b) {
        return a == b
                || a instanceof Value.Bool(boolean truth) && b instanceof Value.Bool(boolean other) && truth == other
                || a instanceof Value.Int(long number) && b instanceof Value.Int(long other) && number == other
                || a instanceof Value.None && b instanceof Value.None;
    }

    private static Test plain(Predicate<Value> predicate) {
        return (_, value, arguments) -> {
            arguments.bind("a test without operand", 0);
            return predicate.test(value);
        };
    }

    /** Python's islower and isupper: in that case as a whole, with a letter that has a case. */
    private static Test cased(UnaryOperator<String> change) {
        return (meter, value, _) -> {
            String text = PythonText.str(meter, value);
            meter.text(text.length());
            return TextMethods.hasCase(text) && text.equals(change.apply(text));
        };
    }
}
