package io.lethean.lem.internal.schema;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which numbers are allowed.
 *
 * @param lower null without a limit
 * @param upper null without a limit
 * @param multiples of each of these; 1 makes integers
 */
record NumberLimits(@Nullable Bound lower, @Nullable Bound upper, List<BigDecimal> multiples) {

    /** @param open whether the value itself is excluded */
    record Bound(BigDecimal value, boolean open) {

        /** The closer of two, where the values above are allowed. */
        static @Nullable Bound higher(@Nullable Bound a, @Nullable Bound b) {
            return a == null ? b : b == null ? a : tighter(a, b, a.value.compareTo(b.value));
        }

        /** The closer of two, where the values below are allowed. */
        static @Nullable Bound lower(@Nullable Bound a, @Nullable Bound b) {
            return a == null ? b : b == null ? a : tighter(a, b, b.value.compareTo(a.value));
        }

        private static Bound tighter(Bound a, Bound b, int order) {
            return order == 0 ? new Bound(a.value, a.open || b.open) : order > 0 ? a : b;
        }
    }

    static final NumberLimits NONE = new NumberLimits(null, null, List.of());

    /** OpenAPI's formats of numbers. Any number in a JSON text can be read as a float or double. */
    private static final Map<String, NumberLimits> FORMATS = Map.of(
            "int32",
            integers(Integer.MIN_VALUE, Integer.MAX_VALUE),
            "int64",
            integers(Long.MIN_VALUE, Long.MAX_VALUE),
            "float",
            NONE,
            "double",
            NONE);

    private static NumberLimits integers(long least, long most) {
        return new NumberLimits(
                new Bound(BigDecimal.valueOf(least), false),
                new Bound(BigDecimal.valueOf(most), false),
                List.of(BigDecimal.ONE));
    }

    /** Whether a format is one of numbers. */
    static boolean isFormat(String name) {
        return FORMATS.containsKey(name);
    }

    static NumberLimits read(Keywords keywords, boolean integers) {
        Bound lower = Bound.higher(bound(keywords, "minimum", false), bound(keywords, "exclusiveMinimum", true));
        Bound upper = Bound.lower(bound(keywords, "maximum", false), bound(keywords, "exclusiveMaximum", true));
        List<BigDecimal> multiples = new ArrayList<>();
        if (integers) {
            multiples.add(BigDecimal.ONE);
        }
        BigDecimal multiple = keywords.number("multipleOf");
        if (multiple != null) {
            if (multiple.signum() <= 0) {
                throw keywords.malformed("multipleOf", "a number above 0");
            }
            multiples.add(multiple);
        }
        NumberLimits limits = new NumberLimits(lower, upper, List.copyOf(multiples));
        String format = keywords.text("format");
        return format == null ? limits : limits.and(FORMATS.getOrDefault(format, NONE));
    }

    private static @Nullable Bound bound(Keywords keywords, String name, boolean open) {
        BigDecimal value = keywords.number(name);
        return value == null ? null : new Bound(value, open);
    }

    NumberLimits and(NumberLimits other) {
        List<BigDecimal> both = new ArrayList<>(multiples);
        other.multiples.stream().filter(each -> !both.contains(each)).forEach(both::add);
        return new NumberLimits(Bound.higher(lower, other.lower), Bound.lower(upper, other.upper), List.copyOf(both));
    }

    boolean allows(BigDecimal number) {
        return (lower == null || number.compareTo(lower.value) > (lower.open ? 0 : -1))
                && (upper == null || number.compareTo(upper.value) < (upper.open ? 0 : 1))
                && multiples.stream().allMatch(each -> number.remainder(each).signum() == 0);
    }

    /** The least number that all multiples divide; null where there is no multiple. */
    @Nullable
    BigDecimal step() {
        return multiples.stream().reduce(NumberLimits::leastCommon).orElse(null);
    }

    private static BigDecimal leastCommon(BigDecimal a, BigDecimal b) {
        int scale = Math.max(0, Math.max(a.scale(), b.scale()));
        BigInteger first = a.setScale(scale).unscaledValue();
        BigInteger second = b.setScale(scale).unscaledValue();
        return new BigDecimal(first.divide(first.gcd(second)).multiply(second), scale);
    }
}
