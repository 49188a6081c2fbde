package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.lethean.lem.Fixtures;
import io.lethean.lem.GrammarException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Penalties, bias, seeds and log-probabilities with a real model, against its logits. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SamplingIT {

    private static final String PROMPT = "Once upon a time";
    /** Logits after a generated token differ in their last digits from those after the same token in a prompt. */
    private static final Offset<Double> NEAR = within(1e-4);

    /** A cache in f16, read by flash attention, would make that difference about 1e-3. */
    private static final ModelOptions EXACT = ModelOptions.builder()
            .threads(1)
            .contextTokens(512)
            .device("cpu")
            .kvType(KvType.F32)
            .flashAttention(FlashAttention.OFF)
            .build();

    private LemModel model;

    @BeforeAll
    void load() throws IOException {
        model = LemModel.load(Fixtures.require("models/stories260K-f32.gguf"), EXACT);
    }

    @AfterAll
    void close() {
        if (model != null) {
            model.close();
        }
    }

    private static GenerationOptions.Builder tokens(int count) {
        return GenerationOptions.builder().maxTokens(count);
    }

    private List<Integer> prompt() {
        return model.tokenize(PROMPT, true, false);
    }

    @Test
    void seedOfARandomRun_givesTheSameTextAgain() {
        GenerationOptions random = tokens(60).temperature(1.2).build();
        Generation first = model.generate(PROMPT, random);
        Generation other = model.generate(PROMPT, random);
        GenerationOptions seeded =
                random.toBuilder().seed(first.seed().orElseThrow()).build();

        Generation again = model.generate(PROMPT, seeded);

        assertThat(again.tokens()).isEqualTo(first.tokens());
        assertThat(again.seed()).isEqualTo(first.seed());
        assertThat(other.seed()).isNotEqualTo(first.seed());
        assertThat(other.text()).isNotEqualTo(first.text());
    }

    @Test
    void greedyText_hasNoSeed() {
        assertThat(model.generate(PROMPT, tokens(3).seed(1).build()).seed()).isEmpty();
    }

    @Test
    void logprobs_areTheLogSoftmaxOfTheModelsLogits() {
        Generation answer = model.generate(
                PROMPT, tokens(20).temperature(0.9).topK(5).seed(3).logprobs(4).build());

        assertThat(answer.logprobs()).hasSize(20);
        List<Integer> tokens = prompt();
        for (int i = 0; i < 20; i++) {
            double[] expected = logSoftmax(model.logits(tokens));
            TokenLogprobs actual = answer.logprobs().get(i);
            assertThat(actual.token()).isEqualTo(answer.tokens().get(i));
            assertThat(actual.logprob()).isCloseTo(expected[actual.token()], NEAR);
            assertThat(actual.top())
                    .extracting(TokenLogprobs.Alternative::token)
                    .isEqualTo(mostLikely(expected, 4));
            assertThat(actual.top())
                    .allSatisfy(each -> assertThat(each.logprob()).isCloseTo(expected[each.token()], NEAR));
            tokens = with(tokens, actual.token());
        }
    }

    @Test
    void logprobsOfAGreedyText_sumToItsLogLikelihood() {
        Generation answer = model.generate(PROMPT, tokens(30).logprobs(1).build());
        double sum =
                answer.logprobs().stream().mapToDouble(TokenLogprobs::logprob).sum();

        List<Integer> tokens = prompt();
        double expected = 0;
        for (int token : answer.tokens()) {
            expected += logSoftmax(model.logits(tokens))[token];
            tokens = with(tokens, token);
        }
        assertThat(sum).isCloseTo(expected, NEAR);
        assertThat(answer.logprobs())
                .allSatisfy(each -> assertThat(each.top())
                        .containsExactly(new TokenLogprobs.Alternative(each.token(), each.logprob())));
    }

    @Test
    void logprobs_areNotChangedByBiasAndPenalties() {
        int rare = mostLikely(logSoftmax(model.logits(prompt())), 512).getLast();
        Generation answer = model.generate(
                PROMPT, tokens(1).logitBias(Map.of(rare, 100.0)).logprobs(0).build());

        assertThat(answer.tokens()).containsExactly(rare);
        assertThat(answer.logprobs().getFirst().logprob())
                .isCloseTo(logSoftmax(model.logits(prompt()))[rare], NEAR)
                .isLessThan(-5);
        assertThat(answer.logprobs().getFirst().top()).isEmpty();
    }

    @Test
    void withoutLogprobs_thereAreNone() {
        assertThat(model.generate(PROMPT, tokens(3).build()).logprobs()).isEmpty();
    }

    @Test
    void penalizedGreedyText_equalsTheOneComputedFromLogits() {
        double presence = 0.75;
        double frequency = 0.5;
        Map<Integer, Double> bias = Map.of(prompt().getLast(), 2.0);
        Generation answer = model.generate(
                PROMPT,
                tokens(40)
                        .presencePenalty(presence)
                        .frequencyPenalty(frequency)
                        .logitBias(bias)
                        .build());

        List<Integer> tokens = prompt();
        int[] counts = new int[512];
        List<Integer> expected = new ArrayList<>();
        for (int i = 0; i < answer.generatedTokens(); i++) {
            float[] logits = model.logits(tokens);
            int best = IntStream.range(0, logits.length)
                    .boxed()
                    .max(Comparator.comparingDouble(token -> logits[token]
                            + bias.getOrDefault(token, 0.0)
                            - counts[token] * frequency
                            - (counts[token] > 0 ? presence : 0)))
                    .orElseThrow();
            counts[best]++;
            expected.add(best);
            tokens = with(tokens, best);
        }
        assertThat(answer.tokens()).hasSizeGreaterThan(10).isEqualTo(expected);
        assertThat(answer.tokens())
                .isNotEqualTo(model.generate(PROMPT, tokens(40).build()).tokens());
    }

    @Test
    void tokenThatIsRuledOut_neverAppears() {
        int usual = model.generate(PROMPT, tokens(1).build()).tokens().getFirst();
        GenerationOptions without =
                tokens(60).logitBias(Map.of(usual, Double.NEGATIVE_INFINITY)).build();
        assertThat(model.generate(PROMPT, without).tokens()).doesNotContain(usual);
        assertThat(model.generate(
                                PROMPT,
                                without.toBuilder().temperature(1).seed(5).build())
                        .tokens())
                .doesNotContain(usual);
    }

    @Test
    void biasOutsideTheVocabulary_isRefused_withAGrammarAsWell() {
        GenerationOptions options = tokens(3).logitBias(Map.of(512, 1.0)).build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> model.generate(PROMPT, options))
                .withMessage("logitBias names token 512, and the model's vocabulary has tokens 0 to 511.");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> model.generate(
                        PROMPT, options.toBuilder().grammar("root ::= \"a\"").build()));
        assertThat(model.generate(PROMPT, tokens(3).build()).tokens()).hasSize(3);
    }

    @Test
    void grammar_holdsWhateverTheBias() {
        String grammar = "root ::= (\"yes\" | \"no\") \".\"";
        Generation plain = model.generate(PROMPT, tokens(20).grammar(grammar).build());
        int first = plain.tokens().getFirst();
        Generation biased = model.generate(
                PROMPT,
                tokens(20)
                        .grammar(grammar)
                        .logitBias(Map.of(first, -1000.0))
                        .frequencyPenalty(2)
                        .build());
        assertThat(List.of(plain.text(), biased.text()))
                .allSatisfy(text -> assertThat(text).isIn("yes.", "no."));
        assertThat(biased.tokens().getFirst()).isNotEqualTo(first);
    }

    @Test
    void biasAgainstAllThatAGrammarAllows_isAGrammarException() {
        Map<Integer, Double> noLetterA = new HashMap<>();
        for (int token = 0; token < 512; token++) {
            if (model.detokenize(List.of(token)).contains("a")) {
                noLetterA.put(token, Double.NEGATIVE_INFINITY);
            }
        }
        noLetterA.put(model.tokenize("a", false, false).getLast(), Double.NEGATIVE_INFINITY);
        for (int token = 0; token < 259; token++) {
            noLetterA.put(token, Double.NEGATIVE_INFINITY);
        }
        assertThatExceptionOfType(GrammarException.class)
                .isThrownBy(() -> model.generate(
                        PROMPT,
                        tokens(5).grammar("root ::= \"a\"").logitBias(noLetterA).build()))
                .withMessageContaining("logitBias rules out");
    }

    @Test
    void timeLimitThatHasPassed_endsTheText() {
        Generation none = model.generate(
                PROMPT, tokens(400).timeLimit(Duration.ofNanos(1)).build());
        assertThat(none.finishReason()).isEqualTo(FinishReason.TIME_LIMIT);
        assertThat(none.generatedTokens()).isLessThanOrEqualTo(1);

        Generation enough =
                model.generate(PROMPT, tokens(5).timeLimit(Duration.ofDays(365)).build());
        assertThat(enough.finishReason()).isEqualTo(FinishReason.LENGTH);
        assertThat(enough.tokens())
                .isEqualTo(model.generate(PROMPT, tokens(5).build()).tokens());
    }

    @Test
    void timings_sayWhenTheFirstTokenWasThere() {
        Timings timings = model.generate(PROMPT, tokens(20).build()).timings();
        assertThat(timings.firstToken().orElseThrow())
                .isGreaterThanOrEqualTo(timings.waiting().plus(timings.prompt()))
                .isLessThanOrEqualTo(timings.waiting().plus(timings.total()));
    }

    private static List<Integer> with(List<Integer> tokens, int next) {
        List<Integer> longer = new ArrayList<>(tokens);
        longer.add(next);
        return longer;
    }

    private static double[] logSoftmax(float[] logits) {
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit);
        }
        double log = Math.log(sum);
        return IntStream.range(0, logits.length)
                .mapToDouble(i -> logits[i] - log)
                .toArray();
    }

    private static List<Integer> mostLikely(double[] logprobs, int count) {
        return IntStream.range(0, logprobs.length)
                .boxed()
                .sorted(Comparator.comparingDouble(token -> -logprobs[token]))
                .limit(count)
                .toList();
    }
}
