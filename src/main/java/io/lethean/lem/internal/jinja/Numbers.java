package io.lethean.lem.internal.jinja;

import java.math.BigDecimal;

/** Python's arithmetic with 64-bit integers; overflow is an error. */
final class Numbers {

    private Numbers() {}

    /** Booleans count as 0 and 1. */
    static boolean isNumber(Value value) {
        return value instanceof Value.Int || value instanceof Value.Real || value instanceof Value.Bool;
    }

    static boolean isNaN(Value value) {
        return value instanceof Value.Real(double number) && Double.isNaN(number);
    }

    private static boolean isInteger(Value value) {
        return value instanceof Value.Int || value instanceof Value.Bool;
    }

    static long toLong(Value value) {
        return switch (value) {
            case Value.Int(long number) -> number;
            case Value.Bool(boolean truth) -> truth ? 1 : 0;
            case Value other -> throw notANumber(other);
        };
    }

    static double toDouble(Value value) {
        return value instanceof Value.Real(double number) ? number : toLong(value);
    }

    private static TemplateError notANumber(Value value) {
        return TemplateError.failed("a number is needed and " + TypeNames.of(value) + " is found");
    }

    static int compare(Value a, Value b) {
        return isInteger(a) && isInteger(b)
                ? Long.compare(toLong(a), toLong(b))
                : Double.compare(toDouble(a) + 0.0, toDouble(b) + 0.0);
    }

    static Value calculate(String operator, Value a, Value b) {
        try {
            return isInteger(a) && isInteger(b)
                    ? calculate(operator, toLong(a), toLong(b))
                    : new Value.Real(calculate(operator, toDouble(a), toDouble(b)));
        } catch (ArithmeticException e) {
            throw TemplateError.failed("the result of '" + operator + "' does not fit 64 bits");
        }
    }

    private static Value calculate(String operator, long a, long b) {
        return switch (operator) {
            case "+" -> new Value.Int(Math.addExact(a, b));
            case "-" -> new Value.Int(Math.subtractExact(a, b));
            case "*" -> new Value.Int(Math.multiplyExact(a, b));
            case "/" -> new Value.Real(calculate(operator, (double) a, (double) b));
            case "//" -> new Value.Int(Math.floorDivExact(a, divisor(b)));
            case "%" -> new Value.Int(Math.floorMod(a, divisor(b)));
            case "**" ->
                b < 0 ? new Value.Real(calculate(operator, (double) a, (double) b)) : new Value.Int(power(a, b));
            default -> throw new IllegalStateException("The operator " + operator + " is not arithmetic.");
        };
    }

    private static long divisor(long b) {
        if (b == 0) {
            throw TemplateError.failed("a number is divided by zero");
        }
        return b;
    }

    private static double calculate(String operator, double a, double b) {
        if (b == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
            throw TemplateError.failed("a number is divided by zero");
        }
        return switch (operator) {
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            case "/" -> a / b;
            case "//" -> Math.floor(a / b);
            case "%" -> a % b == 0 || a % b < 0 == b < 0 ? a % b : a % b + b;
            case "**" -> power(a, b);
            default -> throw new IllegalStateException("The operator " + operator + " is not arithmetic.");
        };
    }

    private static long power(long base, long exponent) {
        long result = 1;
        long square = base;
        for (long rest = exponent; rest > 0; rest >>= 1) {
            if ((rest & 1) == 1) {
                result = Math.multiplyExact(result, square);
            }
            if (rest > 1) {
                square = Math.multiplyExact(square, square);
            }
        }
        return result;
    }

    private static double power(double base, double exponent) {
        if (base == 0 && exponent < 0) {
            throw TemplateError.failed("zero has no negative power");
        }
        double result = Math.pow(base, exponent);
        if (Double.isNaN(result) && !Double.isNaN(base) && !Double.isNaN(exponent)) {
            throw TemplateError.failed("a negative number has no fractional power");
        }
        return result;
    }

    static Value negate(Value value) {
        if (value instanceof Value.Real(double number)) {
            return new Value.Real(-number);
        }
        return calculate("-", new Value.Int(0), value);
    }

    /** As Python's repr writes a float: the shortest digits that read back, an exponent from 1e16 and below 1e-4. */
    static String text(double number) {
        if (Double.isNaN(number)) {
            return "nan";
        }
        if (Double.isInfinite(number)) {
            return number > 0 ? "inf" : "-inf";
        }
        if (number == 0) {
            return 1 / number < 0 ? "-0.0" : "0.0";
        }
        BigDecimal decimal = new BigDecimal(Double.toString(number)).stripTrailingZeros();
        int exponent = decimal.precision() - decimal.scale() - 1;
        if (exponent >= -4 && exponent < 16) {
            String plain = decimal.toPlainString();
            return plain.indexOf('.') < 0 ? plain + ".0" : plain;
        }
        String digits = decimal.unscaledValue().abs().toString();
        return (number < 0 ? "-" : "")
                + digits.charAt(0)
                + (digits.length() > 1 ? "." + digits.substring(1) : "")
                + (exponent < 0 ? "e-" : "e+")
                + (Math.abs(exponent) < 10 ? "0" : "")
                + Math.abs(exponent);
    }
}
