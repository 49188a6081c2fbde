package io.lethean.lem.internal.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lethean.lem.internal.schema.NumberLimits.Bound;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumberTextsTest {

    private static NumberLimits limits(String lower, String upper, String... multiples) {
        return new NumberLimits(
                bound(lower),
                bound(upper),
                List.of(multiples).stream().map(BigDecimal::new).toList());
    }

    /** Such as ">=1", ">1", "<2.5"; "" for no bound. */
    private static Bound bound(String text) {
        return text.isEmpty() ? null : new Bound(new BigDecimal(text.replaceAll("[<>=]", "")), !text.contains("="));
    }

    /** Every decimal from -30 to 30 with two digits after the point, as short as it can be written. */
    private static List<String> decimals() {
        List<String> decimals = new ArrayList<>();
        for (int i = -3000; i <= 3000; i++) {
            decimals.add(
                    i == 0 ? "0" : BigDecimal.valueOf(i, 2).stripTrailingZeros().toPlainString());
        }
        return decimals;
    }

    @ParameterizedTest
    @CsvSource({
        "'', ''",
        "'>=0', ''",
        "'>0', ''",
        "'', '<=0'",
        "'', '<0'",
        "'>=-5', '<=12'",
        "'>-5', '<12'",
        "'>=9', '<=10'",
        "'>0.5', '<=0.75'",
        "'>=-1.25', '<-0.05'",
        "'>=10', '<=9'",
        "'>3', '<3.01'",
        "'>=-20.05', '<=-2'",
        "'>=2', '<=20'"
    })
    void decimalsWithinLimits_andNoOthers(String lower, String upper) {
        for (String multiple : List.of("", "1", "0.5", "0.07", "3", "2.5")) {
            NumberLimits limits = multiple.isEmpty() ? limits(lower, upper) : limits(lower, upper, multiple);
            Dfa texts = NumberTexts.of(limits);
            for (String decimal : decimals()) {
                assertThat(texts.accepts(decimal))
                        .as(decimal + " " + limits)
                        .isEqualTo(limits.allows(new BigDecimal(decimal)));
            }
        }
    }

    @Test
    void randomLimits_agreeWithArithmetic() {
        Random random = new Random(7);
        for (int i = 0; i < 300; i++) {
            NumberLimits limits = limits(
                    random.nextInt(3) == 0 ? "" : ">" + (random.nextBoolean() ? "=" : "") + decimal(random),
                    random.nextInt(3) == 0 ? "" : "<" + (random.nextBoolean() ? "=" : "") + decimal(random),
                    random.nextBoolean() ? new String[] {} : new String[] {"0.02"});
            Dfa texts = NumberTexts.of(limits);
            for (int j = 0; j < 300; j++) {
                String decimal = decimal(random).stripTrailingZeros().toPlainString();
                assertThat(texts.accepts(decimal))
                        .as(decimal + " " + limits)
                        .isEqualTo(limits.allows(new BigDecimal(decimal)));
            }
        }
    }

    private static BigDecimal decimal(Random random) {
        return BigDecimal.valueOf(random.nextInt(200_001) - 100_000L, random.nextInt(3));
    }

    @Test
    void severalMultiples_holdTogether() {
        Dfa texts = NumberTexts.of(limits("", "", "4", "6", "1"));
        assertThat(List.of("12", "24", "0", "-36", "120").stream().allMatch(texts::accepts))
                .isTrue();
        assertThat(List.of("4", "6", "18", "-8", "12.0", "-0", "012").stream().noneMatch(texts::accepts))
                .isTrue();
        assertThat(NumberTexts.of(limits("", "", "1", "0.3")).accepts("3")).isTrue();
        assertThat(NumberTexts.of(limits("", "", "1", "0.3")).accepts("1")).isFalse();
    }

    @Test
    void freeNumbers_haveFractionsAndExponents_andAreFinite() {
        Dfa texts = NumberTexts.of(NumberLimits.NONE);
        assertThat(List.of("0", "-1", "3.25", "6.02e23", "1E-9", "123456789012345"))
                .allMatch(texts::accepts);
        assertThat(List.of("-0", "01", "1.", ".5", "+1", "1e999", "1e", "")).noneMatch(texts::accepts);
    }

    @Test
    void limitsOfManyDigits_areKept() {
        Dfa texts = NumberTexts.of(limits(">=100000000000000000001", "<100000000000000000003.25"));
        assertThat(texts.accepts("100000000000000000001")).isTrue();
        assertThat(texts.accepts("100000000000000000003.24")).isTrue();
        assertThat(texts.accepts("100000000000000000003.25")).isFalse();
        assertThat(texts.accepts("100000000000000000000.9")).isFalse();
        assertThat(NumberTexts.of(limits(">0", "<0.000000000001")).isEmpty()).isFalse();
    }

    @Test
    void multiplesThatNeedTooManyStates_areNotMade_butFewOfThemAre() {
        assertThatExceptionOfType(TooManyStatesException.class)
                .isThrownBy(() -> NumberTexts.of(limits("", "", "1", "999983")));
        Dfa few = NumberTexts.of(limits(">=-999983", "<=1999966", "1", "999983"));
        assertThat(List.of("-999983", "0", "999983", "1999966").stream().allMatch(few::accepts))
                .isTrue();
        assertThat(few.accepts("999984")).isFalse();
    }
}
