package io.lethean.lem.evaluation.score;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PythonTextTest {

    @Test
    void whiteSpaceIsPythons() {
        assertThat(PythonText.words(" a\u001cb\u0085c\u00a0d\u3000e\u200bf "))
                .containsExactly("a", "b", "c", "d", "e\u200bf");
        assertThat(PythonText.strip("\u001f\u2028x y\u205f")).isEqualTo("x y");
    }

    @Test
    void aCombiningMarkIsNoWordCharacter() {
        assertThat(PythonText.pattern("\\bcafe\\b").matcher("cafe\u0301").find())
                .isTrue();
        assertThat(PythonText.pattern("\\bx\\b").matcher("x\u00b2").find()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"12.5,12.5", "' -3 ',-3", "1_000,1000", "5.,5", ".5,0.5", "\u0663,3", "1e3,1000"})
    void numbersArePythons(String text, double value) {
        assertThat(PythonNumber.parse(text)).isEqualTo(OptionalDouble.of(value));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "-", "1,000", "1__0", "_1", "1_", "1.2.3", "0x10", "1d"})
    void whatPythonRefusesIsNoNumber(String text) {
        assertThat(PythonNumber.parse(text)).isEmpty();
    }
}
