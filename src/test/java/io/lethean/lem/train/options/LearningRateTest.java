package io.lethean.lem.train.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LearningRateTest {

    private static double[] rates(LearningRateSchedule schedule, double end, int warmup, int updates) {
        LearningRate rate = new LearningRate(schedule, 8, end, warmup, updates);
        return IntStream.rangeClosed(1, updates).mapToDouble(rate::at).toArray();
    }

    @Test
    void constant_risesOverTheWarmUpAndStays() {
        assertThat(rates(LearningRateSchedule.CONSTANT, 0, 4, 6)).containsExactly(2, 4, 6, 8, 8, 8);
    }

    @Test
    void linear_fallsEvenlyFromThePeakTowardsTheEnd() {
        assertThat(rates(LearningRateSchedule.LINEAR, 4, 0, 4)).containsExactly(8, 7, 6, 5);
        assertThat(rates(LearningRateSchedule.LINEAR, 0, 2, 6)).containsExactly(4, 8, 8, 6, 4, 2);
    }

    @Test
    void cosine_isHalfWayDownInTheMiddle() {
        double[] rates = rates(LearningRateSchedule.COSINE, 2, 0, 4);

        assertThat(rates[0]).isEqualTo(8);
        assertThat(rates[1]).isCloseTo(5 + 3 * Math.sqrt(0.5), within(1e-12));
        assertThat(rates[2]).isCloseTo(5, within(1e-12));
        assertThat(DoubleStream.of(rates).min().orElseThrow()).isGreaterThan(2);
    }

    @Test
    void rateAfterTheLastUpdate_isTheEnd() {
        assertThat(new LearningRate(LearningRateSchedule.COSINE, 8, 2, 0, 4).at(9))
                .isEqualTo(2);
    }
}
