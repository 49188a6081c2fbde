package io.lethean.lem.internal.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;

class LogSumExpTest {

    /** Values from a computation with 60 decimal digits. */
    @Test
    void valuesAgreeWithHighPrecision() {
        assertThat(LogSumExp.of(new float[] {1, 2, 3})).isCloseTo(3.4076059644443803, within(1e-15));
        assertThat(LogSumExp.of(new float[] {0, 0, 0, 0})).isCloseTo(1.3862943611198906, within(1e-15));
        assertThat(LogSumExp.of(new float[] {-2.5f, 0.25f, 7.75f, -100})).isCloseTo(7.750588268806969, within(1e-14));
    }

    @Test
    void largeAndSmallLogitsNeitherOverflowNorVanish() {
        assertThat(LogSumExp.of(new float[] {1e30f, 1e30f})).isEqualTo((double) 1e30f + Math.log(2));
        assertThat(LogSumExp.of(new float[] {-1000, -1000})).isCloseTo(-1000 + 0.6931471805599453, within(1e-12));
        assertThat(LogSumExp.of(new float[] {5, Float.NEGATIVE_INFINITY})).isEqualTo(5);
    }

    @Test
    void probabilitiesAddUpToOne() {
        float[] logits = new float[5000];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) (Math.sin(i) * 20);
        }
        double sum = LogSumExp.of(logits);
        BigDecimal total = BigDecimal.ZERO;
        for (float logit : logits) {
            total = total.add(new BigDecimal(Math.exp(logit - sum)));
        }
        assertThat(total.doubleValue()).isCloseTo(1, within(1e-13));
    }

    @Test
    void whatHasNoSumIsNotANumber() {
        assertThat(LogSumExp.of(new float[] {1, Float.NaN})).isNaN();
        assertThat(LogSumExp.of(new float[] {1, Float.POSITIVE_INFINITY})).isNaN();
        assertThat(LogSumExp.of(new float[] {Float.NEGATIVE_INFINITY})).isNaN();
    }
}
