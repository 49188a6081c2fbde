package io.lethean.lem.internal.schema;

import io.lethean.lem.internal.schema.NumberLimits.Bound;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * Amounts from one to another, compared with digits that come one by one. A comparison is -1, 0 or 1: the digits so far
 * are less than, equal to or more than those of the end; {@link End#settled} and {@link End#ended} turn that of digits
 * into that of amounts.
 */
record Span(End low, End high) {

    /**
     * One end.
     *
     * @param whole the digits before the point; empty for an end that is infinite
     * @param fraction the digits after the point
     * @param open whether the amount itself is outside
     */
    record End(String whole, String fraction, boolean open) {

        private static final End INFINITE = new End("", "", true);

        static End of(BigDecimal amount, boolean open) {
            String[] parts = amount.signum() == 0
                    ? new String[] {"0"}
                    : amount.stripTrailingZeros().toPlainString().split("\\.");
            return new End(parts[0], parts.length > 1 ? parts[1] : "", open);
        }

        private boolean infinite() {
            return whole.isEmpty();
        }

        /** The comparison after one more digit before the point. */
        int afterWhole(int comparison, int digits, int digit) {
            return infinite() || comparison != 0 || digits >= whole.length()
                    ? comparison
                    : Integer.compare(digit, whole.charAt(digits) - '0');
        }

        /** The comparison of whole amounts, once all digits before the point are there. */
        int settled(int comparison, int digits) {
            return infinite() ? -1 : digits != whole.length() ? Integer.compare(digits, whole.length()) : comparison;
        }

        /** The comparison after one more digit after the point. */
        int afterFraction(int comparison, int digits, int digit) {
            return comparison != 0
                    ? comparison
                    : Integer.compare(digit, digits < fraction.length() ? fraction.charAt(digits) - '0' : 0);
        }

        /** The comparison of amounts, once all digits are there. */
        int ended(int comparison, int digits) {
            return comparison == 0 && digits < fraction.length() ? -1 : comparison;
        }
    }

    static final Span NONE = new Span(End.INFINITE, End.INFINITE);

    /** What limits leave of the amounts from 0 on; null for nothing. */
    static @Nullable Span positive(@Nullable Bound lower, @Nullable Bound upper) {
        if (upper != null && upper.value().signum() < 0) {
            return null;
        }
        End low = lower != null && lower.value().signum() >= 0
                ? End.of(lower.value(), lower.open())
                : End.of(BigDecimal.ZERO, false);
        return new Span(low, upper == null ? End.INFINITE : End.of(upper.value(), upper.open()));
    }

    /** What limits leave of the amounts of negative numbers; null for nothing. */
    static @Nullable Span negative(@Nullable Bound lower, @Nullable Bound upper) {
        if (lower != null && lower.value().signum() >= 0) {
            return null;
        }
        End low = upper != null && upper.value().signum() < 0
                ? End.of(upper.value().negate(), upper.open())
                : End.of(BigDecimal.ZERO, true);
        return new Span(low, lower == null ? End.INFINITE : End.of(lower.value().negate(), lower.open()));
    }

    /** Whether an amount is inside, by its comparisons with both ends. */
    boolean contains(int withLow, int withHigh) {
        return withLow >= (low.open ? 1 : 0) && withHigh <= (high.open ? -1 : 0);
    }
}
