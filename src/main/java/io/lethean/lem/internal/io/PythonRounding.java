package io.lethean.lem.internal.io;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Rounding as Python's {@code round} does it, by which published means can be compared digit for digit. */
public final class PythonRounding {

    private PythonRounding() {}

    /**
     * The double nearest to a value rounded to decimal places.
     *
     * <p>The exact binary value is rounded, ties to the even digit, so that 2.675 (a little less) gives 2.67; the sign
     * of a zero is kept.
     */
    public static double round(double value, int digits) {
        if (!Double.isFinite(value)) {
            return value;
        }
        double rounded =
                new BigDecimal(value).setScale(digits, RoundingMode.HALF_EVEN).doubleValue();
        return Math.copySign(rounded, value);
    }
}
