package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lethean.lem.NativeCallException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class DistributionTest {

    private static final Offset<Double> EXACT = within(1e-7);

    /** Scores with, at temperature 1, the probabilities 0.1, 0.4, 0.2, 0.3. */
    private final float[] scores = logs(0.1, 0.4, 0.2, 0.3);

    private static float[] logs(double... probabilities) {
        float[] logs = new float[probabilities.length];
        for (int i = 0; i < logs.length; i++) {
            logs[i] = (float) Math.log(probabilities[i]);
        }
        return logs;
    }

    private static GenerationOptions.Builder warm() {
        return GenerationOptions.builder().temperature(1);
    }

    private void expect(GenerationOptions.Builder options, double... probabilities) {
        Distribution distribution = Distribution.of(scores, options.build().sampling());
        for (int token = 0; token < probabilities.length; token++) {
            assertThat(distribution.probability(token)).as("token %d", token).isCloseTo(probabilities[token], EXACT);
        }
    }

    @Test
    void temperatureOne_isTheSoftMaximum() {
        expect(warm(), 0.1, 0.4, 0.2, 0.3);
    }

    @Test
    void temperature_raisesProbabilitiesToItsInverse() {
        // At 0.5 probabilities are squared: 1, 16, 4, 9 of 30.
        expect(warm().temperature(0.5), 1 / 30.0, 16 / 30.0, 4 / 30.0, 9 / 30.0);
    }

    @Test
    void topK_keepsTheMostLikely() {
        expect(warm().topK(2), 0, 4 / 7.0, 0, 3 / 7.0);
    }

    @Test
    void topK_amongEqualsKeepsTheLowerToken() {
        Distribution distribution =
                Distribution.of(logs(0.2, 0.2, 0.2, 0.4), warm().topK(2).build().sampling());
        assertThat(distribution.probability(0)).isCloseTo(1 / 3.0, EXACT);
        assertThat(distribution.probability(1)).isZero();
    }

    @Test
    void topP_keepsTheShortestListThatReachesIt() {
        expect(warm().topP(0.7 - 1e-6), 0, 4 / 7.0, 0, 3 / 7.0);
        expect(warm().topP(0.7 + 1e-6), 0, 4 / 9.0, 2 / 9.0, 3 / 9.0);
        expect(warm().topP(1e-9), 0, 1, 0, 0);
    }

    @Test
    void topP_countsTheProbabilitiesAmongThoseThatTopKKept() {
        // Of 0.4 and 0.3 the first has 0.571 of the mass.
        expect(warm().topK(2).topP(0.57), 0, 1, 0, 0);
        expect(warm().topK(2).topP(0.58), 0, 4 / 7.0, 0, 3 / 7.0);
    }

    @Test
    void topP_looksAtProbabilitiesBeforeTheTemperature() {
        // 0.7 at temperature 1 takes two tokens whatever the temperature makes of them.
        expect(
                warm().temperature(4).topP(0.7 - 1e-6),
                0,
                root(4) / (root(4) + root(3)),
                0,
                root(3) / (root(4) + root(3)));
    }

    private static double root(double value) {
        return Math.pow(value, 0.25);
    }

    @Test
    void minP_keepsTokensWithThatShareOfTheBest() {
        expect(warm().minP(0.51), 0, 4 / 7.0, 0, 3 / 7.0);
        expect(warm().minP(0.49), 0, 4 / 9.0, 2 / 9.0, 3 / 9.0);
    }

    /** The entropy is 1.27985, and the tokens' -log(p) are 1.023, 0.364, 0.330 and 0.076 away from it. */
    @Test
    void typicalP_keepsTheTokensNearestToTheEntropyUntilTheyExceedIt() {
        expect(warm().typicalP(0.3 - 1e-6), 0, 0, 0, 1);
        expect(warm().typicalP(0.3 + 1e-6), 0, 0, 2 / 5.0, 3 / 5.0);
        expect(warm().typicalP(0.5 + 1e-6), 0, 4 / 9.0, 2 / 9.0, 3 / 9.0);
        expect(warm().typicalP(0.9 + 1e-6), 0.1, 0.4, 0.2, 0.3);
        expect(warm().typicalP(1), 0.1, 0.4, 0.2, 0.3);
    }

    @Test
    void typicalP_looksAtWhatTopKKept_beforeTheTemperature() {
        // Of 4/7 and 3/7 the first is nearer to their entropy of 0.683.
        expect(warm().topK(2).typicalP(0.57), 0, 1, 0, 0);
        expect(warm().topK(2).typicalP(0.58), 0, 4 / 7.0, 0, 3 / 7.0);
        expect(warm().temperature(0.5).typicalP(0.3 + 1e-6), 0, 0, 4 / 13.0, 9 / 13.0);
    }

    @Test
    void topPAndMinP_lookAtWhatTypicalPKept() {
        // Tokens 3 and 2 remain, with 0.6 and 0.4.
        expect(warm().typicalP(0.49).topP(0.59), 0, 0, 0, 1);
        expect(warm().typicalP(0.49).topP(0.61), 0, 0, 2 / 5.0, 3 / 5.0);
        // 0.2 is 0.667 of 0.3, and half of the 0.4 that was filtered out.
        expect(warm().typicalP(0.49).minP(0.6), 0, 0, 2 / 5.0, 3 / 5.0);
        expect(warm().typicalP(0.49).minP(0.7), 0, 0, 0, 1);
    }

    @Test
    void typicalP_amongEquallyTypicalKeepsTheMoreLikelyAndTheLowerToken() {
        Distribution distribution = Distribution.of(
                logs(0.25, 0.25, 0.25, 0.25), warm().typicalP(0.4).build().sampling());
        assertThat(distribution.probability(0)).isCloseTo(0.5, EXACT);
        assertThat(distribution.probability(1)).isCloseTo(0.5, EXACT);
        assertThat(distribution.size()).isEqualTo(2);
    }

    @Test
    void repeatPenalty_dividesPositiveScoresAndMultipliesNegativeOnes_onceEach() {
        float[] penalized = {2, -2, 0, 5};
        SamplingSelector.penalize(penalized, new int[] {0, 1, 1, 0, 2}, 4);
        assertThat(penalized).containsExactly(0.5f, -8, 0, 5);
    }

    @Test
    void scoresThatAreNotNumbers_areImpossible() {
        Distribution distribution = Distribution.of(
                new float[] {Float.NaN, 0, Float.NEGATIVE_INFINITY, 0},
                warm().build().sampling());
        assertThat(distribution.size()).isEqualTo(2);
        assertThat(distribution.probability(1)).isEqualTo(0.5);
        assertThat(distribution.probability(3)).isEqualTo(0.5);
    }

    @Test
    void noScoreThatIsANumber_isATypedError() {
        assertThatThrownBy(() -> Distribution.of(
                        new float[] {Float.NaN, Float.NaN}, warm().build().sampling()))
                .isInstanceOf(NativeCallException.class)
                .hasMessageContaining("checkTensors");
    }

    @Test
    void draw_takesTheTokenAtThePointOfTheAccumulatedProbabilities() {
        Distribution distribution =
                Distribution.of(scores, warm().topK(4).build().sampling());
        assertThat(distribution.draw(0)).isEqualTo(1);
        assertThat(distribution.draw(0.399)).isEqualTo(1);
        assertThat(distribution.draw(0.401)).isEqualTo(3);
        assertThat(distribution.draw(0.699)).isEqualTo(3);
        assertThat(distribution.draw(0.701)).isEqualTo(2);
        assertThat(distribution.draw(0.901)).isEqualTo(0);
        assertThat(distribution.draw(Math.nextDown(1.0))).isEqualTo(0);
    }

    @Test
    void filtersOverRandomScores_agreeWithSortingEverything() {
        Random random = new Random(3);
        for (int round = 0; round < 300; round++) {
            float[] some = randomScores(random);
            int k = random.nextInt(some.length + 3);
            double p = random.nextInt(4) == 0 ? 1 : random.nextDouble(0.01, 1);
            Distribution fast =
                    Distribution.of(some, warm().topK(k).topP(p).build().sampling());
            double[] slow = bySorting(some, k == 0 ? some.length : k, p);
            for (int token = 0; token < some.length; token++) {
                assertThat(fast.probability(token))
                        .as("round %d token %d", round, token)
                        .isCloseTo(slow[token], within(1e-9));
            }
        }
    }

    private static float[] randomScores(Random random) {
        float[] some = new float[1 + random.nextInt(40)];
        for (int i = 0; i < some.length; i++) {
            some[i] = random.nextInt(12) / 2f;
        }
        return some;
    }

    private static double[] bySorting(float[] scores, int k, double p) {
        int[] order = IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.comparing((Integer token) -> -scores[token]).thenComparing(token -> token))
                .limit(k)
                .mapToInt(Integer::intValue)
                .toArray();
        double total = Arrays.stream(order)
                .mapToDouble(token -> Math.exp(scores[token]))
                .sum();
        double[] kept = new double[scores.length];
        double sum = 0;
        for (int token : order) {
            if (sum >= p * total && sum > 0 && p < 1) {
                break;
            }
            kept[token] = Math.exp(scores[token]);
            sum += kept[token];
        }
        double mass = sum;
        return Arrays.stream(kept).map(weight -> weight / mass).toArray();
    }
}
