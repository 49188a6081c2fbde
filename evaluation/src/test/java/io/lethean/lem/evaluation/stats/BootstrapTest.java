package io.lethean.lem.evaluation.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BootstrapTest {

    /** Of 3,000 made-up experiments the interval must hold the true mean in 93 to 97 of 100. */
    @ParameterizedTest
    @CsvSource({"normal,20", "normal,101", "uniform,10", "skewed,101", "verdicts,50", "difference,20"})
    void intervalsHoldTheTrueMeanAsOftenAsTheySay(String kind, int n) {
        SplittableRandom random = new SplittableRandom(7 + n);
        int experiments = 3_000;
        int held = 0;
        for (int i = 0; i < experiments; i++) {
            double[] sample = new double[n];
            Arrays.setAll(sample, j -> draw(kind, random));
            held += new Bootstrap(500, 0.95, i).mean(sample).orElseThrow().contains(trueMean(kind)) ? 1 : 0;
        }
        assertThat((double) held / experiments).isBetween(0.93, 0.97);
    }

    private static double draw(String kind, SplittableRandom random) {
        return switch (kind) {
            case "normal" -> 20 + 5 * random.nextGaussian();
            case "uniform" -> random.nextDouble();
            case "skewed" -> random.nextExponential();
            case "verdicts" -> random.nextDouble() < 0.6 ? 1 : 0;
            // Paired scores share the probe's difficulty, which cancels.
            case "difference" -> {
                double probe = 10 * random.nextExponential();
                yield probe + 3 + 2 * random.nextGaussian() - (probe + 2 * random.nextGaussian());
            }
            default -> throw new IllegalArgumentException(kind);
        };
    }

    private static double trueMean(String kind) {
        return switch (kind) {
            case "normal" -> 20;
            case "uniform" -> 0.5;
            case "skewed" -> 1;
            case "verdicts" -> 0.6;
            case "difference" -> 3;
            default -> throw new IllegalArgumentException(kind);
        };
    }

    /** For many values the interval is that of the normal distribution: mean plus or minus 1.96 standard errors. */
    @Test
    void intervalOfManyValuesIsTheNormalOne() {
        double[] values = new double[2_000];
        Arrays.setAll(values, i -> i % 2);
        Interval interval = Bootstrap.defaults().mean(values).orElseThrow();
        double halfWidth = 1.96 * 0.5 / Math.sqrt(2_000);
        assertThat(interval.low()).isCloseTo(0.5 - halfWidth, within(0.001));
        assertThat(interval.high()).isCloseTo(0.5 + halfWidth, within(0.001));
    }

    @Test
    void theSameSeedGivesTheSameInterval() {
        double[] values = {1.7, 5.3, 2.1, 8.9, 3.2, 4.6, 9.8, 0.4};
        assertThat(Bootstrap.defaults().mean(values))
                .isEqualTo(Bootstrap.defaults().mean(values));
        assertThat(Bootstrap.defaults().mean(values)).isNotEqualTo(new Bootstrap(10_000, 0.95, 5).mean(values));
    }

    @Test
    void equalValuesHaveAnIntervalOfNoWidthAndOneValueHasNone() {
        assertThat(Bootstrap.defaults().mean(new double[] {4, 4, 4})).contains(new Interval(4, 4, 0.95));
        assertThat(Bootstrap.defaults().mean(new double[] {4})).isEmpty();
        assertThat(Bootstrap.defaults().mean(new double[0])).isEmpty();
    }

    @Test
    void tooFewResamplesAndImpossibleLevelsAreRefused() {
        assertThatThrownBy(() -> new Bootstrap(99, 0.95, 1)).hasMessage("99 resamples are too few; use 100 or more.");
        assertThatThrownBy(() -> new Bootstrap(100, 1, 1)).hasMessageContaining("between 0 and 1");
        assertThatThrownBy(() -> new Interval(2, 1, 0.95)).hasMessageContaining("ends exchanged");
    }
}
