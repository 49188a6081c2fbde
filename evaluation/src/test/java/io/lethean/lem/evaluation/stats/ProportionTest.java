package io.lethean.lem.evaluation.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ProportionTest {

    /** The worked example of R. G. Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263, 15 of 148, 0 of 20. */
    @Test
    void intervalsAreThoseOfAPublishedTable() {
        assertInterval(new Proportion(81, 263), 0.2553, 0.3662);
        assertInterval(new Proportion(15, 148), 0.0624, 0.1605);
        assertInterval(new Proportion(0, 20), 0.0000, 0.1611);
        assertInterval(new Proportion(1, 29), 0.0061, 0.1718);
    }

    private static void assertInterval(Proportion share, double low, double high) {
        assertThat(share.interval(0.95).low()).isCloseTo(low, within(5e-5));
        assertThat(share.interval(0.95).high()).isCloseTo(high, within(5e-5));
    }

    @Test
    void allSuccessesReachOneAndNothingBeyond() {
        assertThat(new Proportion(7, 7).interval(0.95).high()).isEqualTo(1);
        assertThat(new Proportion(7, 7).interval(0.95).low()).isLessThan(1);
    }

    @Test
    void impossibleSharesAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Proportion(3, 2));
        assertThatIllegalArgumentException().isThrownBy(() -> new Proportion(0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new Proportion(-1, 2));
    }
}
