package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplingSelectorTest {

    private static final int[] NOTHING_SUPPRESSED = {};

    private static SamplingSelector selector(GenerationOptions.Builder builder, int vocabularySize) {
        SamplingOptions options = builder.build().sampling();
        LogitBias bias = LogitBias.of(options.logitBias(), NOTHING_SUPPRESSED, vocabularySize);
        return new SamplingSelector(options, vocabularySize, bias, null);
    }

    /** The tokens that greedy decoding chooses where the model's logits never change. */
    private static List<Integer> greedy(GenerationOptions.Builder builder, int steps, int[] prompt, float... logits) {
        return choices(selector(builder.temperature(0), logits.length), steps, prompt, logits);
    }

    private static List<Integer> choices(SamplingSelector selector, int steps, int[] prompt, float... logits) {
        TokenHistory history = new TokenHistory(prompt);
        List<Integer> chosen = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            int token = selector.select(MemorySegment.ofArray(logits), history);
            history.add(token);
            chosen.add(token);
        }
        return chosen;
    }

    private static TokenHistory history(int[] prompt, int... generated) {
        TokenHistory history = new TokenHistory(prompt);
        IntStream.of(generated).forEach(history::add);
        return history;
    }

    @Test
    void occurrencePenalties_subtractPresenceOnceAndFrequencyPerGeneratedToken() {
        OccurrencePenalties penalties = new OccurrencePenalties(0.5, 0.25);
        TokenHistory history = history(new int[] {0, 0}, 1, 2, 1);
        float[] scores = {1, 2, 3, -4};
        penalties.applyTo(scores, history);
        assertThat(scores).containsExactly(1, 2 - 1, 3 - 0.75f, -4);

        history.add(0);
        history.add(2);
        float[] next = {1, 2, 3, -4};
        penalties.applyTo(next, history);
        assertThat(next).containsExactly(1 - 0.75f, 2 - 1, 3 - 1, -4);
    }

    @Test
    void presencePenalty_countsATokenOnce() {
        // 5 - 2 = 3 is below 4, then both have been used and 3 is above 4 - 2 = 2.
        assertThat(greedy(GenerationOptions.builder().presencePenalty(2), 5, new int[] {0}, 5, 4, 1))
                .containsExactly(0, 1, 0, 0, 0);
    }

    @Test
    void frequencyPenalty_countsEveryOccurrence() {
        // 5, 3.5 < 4, 3.5 > 2.5, 2 < 2.5, 2 > 1
        assertThat(greedy(GenerationOptions.builder().frequencyPenalty(1.5), 5, new int[] {0, 0, 0}, 5, 4, -9))
                .containsExactly(0, 1, 0, 1, 0);
    }

    @Test
    void negativePenalties_makeATextRepeatItself() {
        // The prompt's repeat penalty of token 0 ends once it is out of the last three, but token 1 keeps its lead.
        GenerationOptions.Builder options =
                GenerationOptions.builder().repeatPenalty(10).repeatLastN(1).frequencyPenalty(-100);
        assertThat(greedy(options, 4, new int[] {0}, 5, 4)).containsExactly(1, 1, 1, 1);
    }

    @Test
    void repeatPenalty_comesBeforeTheOthers() {
        // Token 0 has 4 / 2 - 2 = 0, and would have (4 - 2) / 2 = 1.
        GenerationOptions.Builder options =
                GenerationOptions.builder().repeatPenalty(2).presencePenalty(2);
        assertThat(greedy(options, 2, new int[] {}, 4, 0.5f)).containsExactly(0, 1);
    }

    @Test
    void logitBias_movesGreedyChoices_andMinusInfinityRulesOut() {
        int[] prompt = {0};
        assertThat(greedy(GenerationOptions.builder().logitBias(Map.of(1, 1.5)), 1, prompt, 5, 4, 3))
                .containsExactly(1);
        assertThat(greedy(GenerationOptions.builder().logitBias(Map.of(1, 0.5)), 1, prompt, 5, 4, 3))
                .containsExactly(0);
        assertThat(greedy(
                        GenerationOptions.builder()
                                .logitBias(Map.of(0, Double.NEGATIVE_INFINITY, 1, Double.NEGATIVE_INFINITY)),
                        1,
                        prompt,
                        5,
                        4,
                        3))
                .containsExactly(2);
    }

    @Test
    void logitBias_ofATokenOutsideTheVocabulary_isRefusedWithTheRange() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LogitBias.of(Map.of(3, 1.0), NOTHING_SUPPRESSED, 3))
                .withMessage("logitBias names token 3, and the model's vocabulary has tokens 0 to 2.");
    }

    @Test
    void logitBias_thatLeavesNoToken_isRefused() {
        Map<Integer, Double> two = Map.of(0, Double.NEGATIVE_INFINITY, 2, Double.NEGATIVE_INFINITY);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LogitBias.of(two, new int[] {1}, 3))
                .withMessageContaining("rules out every token");
        float[] scores = {1, 2, 3};
        LogitBias.of(two, NOTHING_SUPPRESSED, 3).addTo(scores);
        assertThat(scores).containsExactly(Float.NEGATIVE_INFINITY, 2, Float.NEGATIVE_INFINITY);
    }

    @Test
    void suppressedTokens_staySuppressedWhateverTheirBias() {
        float[] scores = {1, 2};
        LogitBias.of(Map.of(1, 1000.0), new int[] {1}, 2).addTo(scores);
        assertThat(scores).containsExactly(1, Float.NEGATIVE_INFINITY);
    }

    @Test
    void temperatureZero_ignoresFilters_soThatTypicalPCannotDropTheBest() {
        float[] logits = {(float) Math.log(0.4), (float) Math.log(0.3), (float) Math.log(0.2), (float) Math.log(0.1)};
        assertThat(greedy(GenerationOptions.builder().typicalP(0.2), 1, new int[] {}, logits))
                .containsExactly(0);
    }

    @Test
    void drawnSeed_isReportedAndChoosesTheSameTokensAgain() {
        float[] logits = {0, 0, 0, 0, 0, 0, 0, 0};
        SamplingSelector drawn = selector(GenerationOptions.builder().temperature(1), logits.length);
        List<Integer> chosen = choices(drawn, 50, new int[] {}, logits);
        OptionalLong seed = drawn.seed();

        assertThat(seed).isPresent();
        assertThat(seed.getAsLong()).isBetween(0L, (1L << 48) - 1);
        SamplingSelector again =
                selector(GenerationOptions.builder().temperature(1).seed(seed.getAsLong()), logits.length);
        assertThat(choices(again, 50, new int[] {}, logits)).isEqualTo(chosen);
        assertThat(again.seed()).isEqualTo(seed);
    }

    @Test
    void seedsThatAreDrawn_differ() {
        GenerationOptions.Builder warm = GenerationOptions.builder().temperature(1);
        assertThat(IntStream.range(0, 100)
                        .mapToLong(each -> selector(warm, 2).seed().orElseThrow())
                        .distinct()
                        .count())
                .isEqualTo(100);
    }

    @Test
    void temperatureZero_hasNoSeed() {
        assertThat(selector(GenerationOptions.builder().temperature(0).seed(3), 2)
                        .seed())
                .isEmpty();
    }
}
