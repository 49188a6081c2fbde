package io.lethean.lem.internal.io;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PythonRoundingTest {

    /** The last column is what Python 3 prints for {@code round(value, digits)}. */
    @ParameterizedTest
    @CsvSource({
        "2.675, 2, 2.67",
        "0.125, 2, 0.12",
        "0.375, 2, 0.38",
        "0.625, 2, 0.62",
        "1.005, 2, 1.0",
        "-0.125, 2, -0.12",
        "-0.004, 2, -0.0",
        "0.25, 1, 0.2",
        "0.35, 1, 0.3",
        "3.95, 1, 4.0",
        "1e300, 2, 1e300",
        "NaN, 2, NaN",
        "-Infinity, 2, -Infinity"
    })
    void value_isRoundedAsInPython(double value, int digits, double rounded) {
        assertThat(PythonRounding.round(value, digits)).isEqualTo(Double.valueOf(rounded));
    }
}
