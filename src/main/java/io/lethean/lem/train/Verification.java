package io.lethean.lem.train;

import java.util.List;
import java.util.Locale;

/**
 * What was checked before training, on the user's own model and device.
 *
 * @param device where it was computed
 * @param layers how many of the model's layers were taken
 * @param checks what was measured
 */
public record Verification(String device, int layers, List<Check> checks) {

    /**
     * One measured value and its bound.
     *
     * @param name what was compared
     * @param value what was found
     * @param bound what it must not cross
     * @param atLeast true if the value must be at least the bound, false if at most
     */
    public record Check(String name, double value, double bound, boolean atLeast) {

        /** {@return true if the value is within its bound; NaN never is} */
        public boolean passed() {
            return atLeast ? value >= bound : value <= bound;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%s: %s %.6g, must be at %s %.6g",
                    passed() ? "ok" : "FAILED",
                    name,
                    value,
                    atLeast ? "least" : "most",
                    bound);
        }
    }

    /** Copies the list, so that later changes of it do not count. */
    public Verification {
        checks = List.copyOf(checks);
    }

    /** {@return true if every check passed} */
    public boolean passed() {
        return checks.stream().allMatch(Check::passed);
    }
}
