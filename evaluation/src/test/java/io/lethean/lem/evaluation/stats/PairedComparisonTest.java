package io.lethean.lem.evaluation.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PairedComparisonTest {

    private static ProbeScores scores(double... values) {
        ProbeScores scores = new ProbeScores();
        for (int i = 0; i < values.length; i++) {
            scores.add("P" + i, OptionalDouble.of(values[i]));
        }
        return scores;
    }

    @Test
    void pairsAreComparedProbeByProbe() {
        PairedComparison result =
                PairedComparison.of(scores(10, 10, 10, 10, 10), scores(12, 10.5, 9.5, 8, 13), Bootstrap.defaults());
        assertThat(result.mean()).hasValue(3.0 / 5);
        assertThat(result.improved()).isEqualTo(2);
        assertThat(result.regressed()).isEqualTo(1);
        assertThat(result.unchanged()).isEqualTo(2);
        assertThat(result.rose()).isEqualTo(3);
        assertThat(result.fell()).isEqualTo(2);
        assertThat(result.pValue()).isEqualTo(1);
        // Differences 2, 0.5, -0.5, -2, 3: deviation sqrt((1.96 + 0.01 + 1.21 + 6.76 + 5.76) / 4).
        assertThat(result.cohensD().orElseThrow()).isCloseTo(0.6 / Math.sqrt(15.7 / 4), within(1e-12));
        // Ranks 3.5, 1.5, -1.5, -3.5, 5 of 15.
        assertThat(result.rankBiserial()).hasValue(5.0 / 15);
        assertThat(result.isDistinct()).isFalse();
    }

    @Test
    void aSteadyRiseIsDistinct() {
        PairedComparison result = PairedComparison.of(
                scores(1, 2, 3, 4, 5, 6, 7, 8), scores(3, 5, 5, 7, 7, 9, 9, 11), Bootstrap.defaults());
        assertThat(result.isDistinct()).isTrue();
        assertThat(result.pValue()).isEqualTo(2.0 / 256);
        assertThat(result.rankBiserial()).hasValue(1);
        assertThat(result.interval().orElseThrow().contains(2.5)).isTrue();
    }

    @Test
    void probesThatOnlyOneSideHasAreCountedApart() {
        ProbeScores second = scores(1, 2).add("extra", OptionalDouble.of(50)).add("P1", OptionalDouble.empty());
        PairedComparison result = PairedComparison.of(scores(1, 1, 1), second, Bootstrap.defaults());
        assertThat(result.differences()).containsOnlyKeys("P0", "P1");
        assertThat(result.onlyFirst()).isEqualTo(1);
        assertThat(result.onlySecond()).isEqualTo(1);
        assertThat(second.unscored()).isEqualTo(1);
    }

    @Test
    void severalAnswersToAProbeCountAsTheirMean() {
        ProbeScores scores = new ProbeScores();
        for (double value : new double[] {0, 1, 1, 1}) {
            scores.add("P1", OptionalDouble.of(value));
        }
        scores.add("P2", OptionalDouble.of(0.25)).add("P3", OptionalDouble.empty());
        ConditionMean mean = ConditionMean.of(scores, Bootstrap.defaults());
        assertThat(mean.mean()).hasValue(0.5);
        assertThat(mean.probes()).isEqualTo(2);
        assertThat(mean.unscored()).isEqualTo(1);
        assertThat(mean.deviation().orElseThrow()).isCloseTo(Math.sqrt(0.125), within(1e-15));
    }

    @Test
    void nothingInCommonIsAnEmptyComparisonAndNotZero() {
        PairedComparison result = PairedComparison.of(scores(), scores(1), Bootstrap.defaults());
        assertThat(result.mean()).isEmpty();
        assertThat(result.interval()).isEmpty();
        assertThat(result.cohensD()).isEmpty();
        assertThat(result.rankBiserial()).isEmpty();
        assertThat(result.probesNeeded()).isEmpty();
        assertThat(ConditionMean.of(scores(), Bootstrap.defaults()).mean()).isEmpty();
    }

    /** Binomial sums by hand: 2 (1 + 10 + 45) / 1024 and so on. */
    @ParameterizedTest
    @CsvSource({"8,2,0.109375", "2,8,0.109375", "9,1,0.021484375", "6,0,0.03125", "5,5,1", "0,0,1", "1,0,1", "5,4,1"})
    void signTestIsExact(int up, int down, double p) {
        assertThat(ExactTest.sign(up, down)).isCloseTo(p, within(1e-12));
    }

    @Test
    void negativeCountsAreRefused() {
        assertThatThrownBy(() -> ExactTest.sign(-1, 2)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void holmMultipliesStepByStepAndNeverFalls() {
        assertThat(Holm.adjust(0.01, 0.04, 0.03, 0.005))
                .containsExactly(new double[] {0.03, 0.06, 0.06, 0.02}, within(1e-15));
        assertThat(Holm.adjust(0.9, 0.6)).containsExactly(1, 1);
        assertThat(Holm.adjust()).isEmpty();
    }

    /** The numbers of pairs that G*Power prints for these effects. */
    @ParameterizedTest
    @CsvSource({"0.5,34", "-0.5,34", "0.2,199", "0.8,15"})
    void probesNeededFollowTheEffect(double d, int probes) {
        assertThat(EffectSize.probesNeeded(d, 0.05, 0.8)).hasValue(probes);
    }

    @Test
    void noEffectNeedsNoFiniteNumberOfProbes() {
        assertThat(EffectSize.probesNeeded(0, 0.05, 0.8)).isEmpty();
        assertThat(EffectSize.probesNeeded(1e-9, 0.05, 0.8)).isEmpty();
    }
}
