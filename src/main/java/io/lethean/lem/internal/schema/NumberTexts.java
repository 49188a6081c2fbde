package io.lethean.lem.internal.schema;

import io.lethean.lem.internal.schema.Dfa.Step;
import io.lethean.lem.internal.schema.NumberLimits.Bound;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The texts of the numbers within limits: decimals of at most 15 digits, or of as many as the limits have. There is no
 * -0, and exponents only where there are no limits.
 */
final class NumberTexts {

    /** As many as a double keeps. */
    private static final int DIGITS = 15;

    private static final int FRACTION_DIGITS = 9;
    private static final Dfa FREE = Determinization.ofPattern(
                    "^(-?([1-9][0-9]{0,14}|0)(\\.[0-9]{1,14})?([eE][+-]?[0-9]{1,2})?)$", "number")
            .minus(Dfa.words(List.of("-0")));

    private static final int LARGEST_STEP = 20_000;
    private static final int FEW = 1000;

    /** Where a text is: before its digits, within them, just after the point, after it. */
    private enum Phase {
        SIGN,
        FIRST,
        ZERO,
        WHOLE,
        POINT,
        FRACTION
    }

    /**
     * What matters of the digits so far.
     *
     * @param low how they compare with the digits of the lower limit
     * @param high how they compare with the digits of the upper limit
     * @param rest their remainder after division by the step
     */
    private record Digits(Phase phase, boolean negative, int whole, int fraction, int low, int high, int rest) {}

    private final @Nullable Span positive;
    private final @Nullable Span negative;
    private final int step;
    private final int scale;
    private final int mostDigits;
    private final int mostFraction;

    private NumberTexts(NumberLimits limits, @Nullable BigDecimal step) {
        this.positive = Span.positive(limits.lower(), limits.upper());
        this.negative = Span.negative(limits.lower(), limits.upper());
        this.scale = step == null ? 0 : scale(step);
        this.step = step == null ? 1 : step.movePointRight(scale).intValueExact();
        List<BigDecimal> given = Stream.concat(
                        Stream.of(limits.lower(), limits.upper())
                                .filter(each -> each != null)
                                .map(Bound::value),
                        limits.multiples().stream())
                .toList();
        int whole = given.stream()
                .mapToInt(each -> each.precision() - each.scale())
                .max()
                .orElse(1);
        int fraction = given.stream().mapToInt(NumberTexts::scale).max().orElse(0) + 1;
        this.mostDigits = Math.max(DIGITS, Math.max(1, whole) + 1 + fraction);
        this.mostFraction = step == null ? Math.max(FRACTION_DIGITS, fraction) : scale;
    }

    private static int scale(BigDecimal number) {
        return Math.max(0, number.stripTrailingZeros().scale());
    }

    /** @throws TooManyStatesException if the automaton would be too large */
    static Dfa of(NumberLimits limits) {
        if (limits.equals(NumberLimits.NONE)) {
            return FREE;
        }
        BigDecimal step = limits.step();
        Bound lower = limits.lower();
        Bound upper = limits.upper();
        if (step != null && lower != null && upper != null) {
            BigDecimal steps = upper.value().subtract(lower.value()).divideToIntegralValue(step);
            if (steps.compareTo(BigDecimal.valueOf(FEW)) <= 0) {
                return few(limits, step);
            }
        }
        if (step != null && step.movePointRight(scale(step)).compareTo(BigDecimal.valueOf(LARGEST_STEP)) > 0) {
            throw new TooManyStatesException(Dfa.LIMIT);
        }
        NumberTexts texts = new NumberTexts(limits, step);
        Digits start = new Digits(Phase.SIGN, false, 0, 0, 0, 0, 0);
        return Dfa.explore(start, texts::steps, texts::accepts, 10 * Dfa.LIMIT);
    }

    private static Dfa few(NumberLimits limits, BigDecimal step) {
        BigDecimal begin = Objects.requireNonNull(limits.lower()).value();
        BigInteger first = begin.divideToIntegralValue(step).toBigInteger().subtract(BigInteger.ONE);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i <= FEW + 3; i++) {
            BigDecimal number = step.multiply(new BigDecimal(first.add(BigInteger.valueOf(i))));
            if (limits.allows(number)) {
                texts.add(
                        number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString());
            }
        }
        return Dfa.words(texts);
    }

    private List<Step<Digits>> steps(Digits at) {
        List<Step<Digits>> steps = new ArrayList<>();
        if (at.phase == Phase.SIGN && negative != null) {
            steps.add(new Step<>('-', '-', new Digits(Phase.FIRST, true, 0, 0, 0, 0, 0)));
        }
        boolean whole = at.phase == Phase.ZERO || at.phase == Phase.WHOLE;
        if (whole && mostFraction > 0 && at.whole < mostDigits) {
            Span span = span(at);
            steps.add(new Step<>(
                    '.',
                    '.',
                    new Digits(
                            Phase.POINT,
                            at.negative,
                            at.whole,
                            0,
                            span.low().settled(at.low, at.whole),
                            span.high().settled(at.high, at.whole),
                            at.rest)));
        }
        boolean signed = at.phase == Phase.FIRST || positive != null;
        boolean more = switch (at.phase) {
            case SIGN, FIRST -> signed;
            case ZERO -> false;
            case WHOLE -> at.whole < mostDigits;
            case POINT, FRACTION -> at.fraction < mostFraction && at.whole + at.fraction < mostDigits;
        };
        for (int digit = 0; more && digit <= 9; digit++) {
            steps.add(new Step<>('0' + digit, '0' + digit, after(at, digit)));
        }
        return steps;
    }

    private Digits after(Digits at, int digit) {
        Span span = span(at);
        int rest = (at.rest * 10 + digit) % step;
        if (at.phase == Phase.POINT || at.phase == Phase.FRACTION) {
            return new Digits(
                    Phase.FRACTION,
                    at.negative,
                    at.whole,
                    at.fraction + 1,
                    span.low().afterFraction(at.low, at.fraction, digit),
                    span.high().afterFraction(at.high, at.fraction, digit),
                    rest);
        }
        boolean zero = digit == 0 && at.whole == 0;
        return new Digits(
                zero ? Phase.ZERO : Phase.WHOLE,
                at.negative,
                at.whole + 1,
                0,
                span.low().afterWhole(at.low, at.whole, digit),
                span.high().afterWhole(at.high, at.whole, digit),
                rest);
    }

    private boolean accepts(Digits at) {
        if (at.phase == Phase.SIGN || at.phase == Phase.FIRST || at.phase == Phase.POINT) {
            return false;
        }
        Span span = span(at);
        boolean fraction = at.phase == Phase.FRACTION;
        int low = fraction ? at.low : span.low().settled(at.low, at.whole);
        int high = fraction ? at.high : span.high().settled(at.high, at.whole);
        return span.contains(span.low().ended(low, at.fraction), span.high().ended(high, at.fraction))
                && isMultiple(at);
    }

    private boolean isMultiple(Digits at) {
        long rest = at.rest;
        for (int i = at.fraction; i < scale; i++) {
            rest = rest * 10 % step;
        }
        return rest == 0;
    }

    private Span span(Digits at) {
        Span span = at.negative ? negative : positive;
        return span == null ? Span.NONE : span;
    }
}
