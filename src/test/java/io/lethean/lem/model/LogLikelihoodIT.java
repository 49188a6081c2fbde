package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.lethean.lem.ContextOverflowException;
import io.lethean.lem.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Likelihoods of given texts, against soft maxima taken here of scores that were asked for one prefix at a time. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LogLikelihoodIT {

    private static final double BOUND = 1e-3;

    /** Keys and values in 32 bits: rounded to 16, sums of 40 tokens differ by up to 0.0016 on some processors. */
    private static final ModelOptions EXACT = LemModelIT.ONE_THREAD.toBuilder()
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

    /** The likelihood by its definition: every prefix evaluated from nothing, and nothing of it kept. */
    private LogLikelihood oneByOne(List<Integer> context, List<Integer> continuation) {
        List<Integer> prefix = new ArrayList<>(context);
        double sum = 0;
        boolean greedy = true;
        for (int token : continuation) {
            float[] scores = model.logits(prefix);
            sum += logProbability(scores, token);
            greedy &= Logits.argmax(scores) == token;
            prefix.add(token);
        }
        return new LogLikelihood(sum, continuation.size(), greedy);
    }

    private static double logProbability(float[] scores, int token) {
        double max = Double.NEGATIVE_INFINITY;
        for (float score : scores) {
            max = Math.max(max, score);
        }
        double sum = 0;
        for (float score : scores) {
            sum += Math.exp(score - max);
        }
        return scores[token] - max - Math.log(sum);
    }

    private List<Integer> begun(String text) {
        return model.tokenize(text, true, false);
    }

    private static void assertSame(LogLikelihood actual, LogLikelihood expected) {
        assertThat(actual.sum()).isCloseTo(expected.sum(), within(BOUND));
        assertThat(actual.tokens()).isEqualTo(expected.tokens());
        assertThat(actual.greedy()).isEqualTo(expected.greedy());
    }

    @Test
    void continuations_haveTheLikelihoodOfOneByOneEvaluation() {
        String context = "Once upon a time, there was a";
        List<String> texts = List.of(
                " little girl named Lily.",
                " dragon",
                " l",
                " 日本",
                " little girl named Lily. She loved to play outside"
                        + " in the park and she had a very big red ball that she liked to throw");
        List<LogLikelihood> likelihoods = model.logLikelihood(context, texts);
        int contextTokens = begun(context).size();
        for (int i = 0; i < texts.size(); i++) {
            List<Integer> whole = begun(context + texts.get(i));
            List<Integer> continuation = whole.subList(contextTokens, whole.size());
            assertSame(likelihoods.get(i), oneByOne(whole.subList(0, contextTokens), continuation));
        }
        assertThat(likelihoods.get(4).tokens())
                .as("more than the rows of one call")
                .isGreaterThan(32);
        assertThat(likelihoods.get(0).sum()).isGreaterThan(likelihoods.get(1).sum());
    }

    @Test
    void whatTheModelWouldSay_isGreedy_andAnythingElseIsNot() {
        List<Integer> context = begun("Once upon a time");
        List<Integer> said = model.generate(
                        "Once upon a time",
                        GenerationOptions.builder().maxTokens(40).build())
                .tokens();
        List<Integer> changed = new ArrayList<>(said);
        changed.set(20, said.get(20) == 300 ? 301 : 300);
        List<LogLikelihood> likelihoods = model.logLikelihood(context, List.of(said, changed));
        assertThat(likelihoods.get(0).greedy()).isTrue();
        assertThat(likelihoods.get(1).greedy()).isFalse();
        assertThat(likelihoods.get(0).sum()).isGreaterThan(likelihoods.get(1).sum());
    }

    @Test
    void theOrderOfContinuations_changesNothing() {
        List<Integer> context = begun("The cat sat on");
        List<List<Integer>> continuations = new ArrayList<>();
        for (String text : List.of(" the mat", " a", " the big red house and then it ran away", " the mat")) {
            continuations.add(model.tokenize(text));
        }
        List<LogLikelihood> forward = model.logLikelihood(context, continuations);
        List<LogLikelihood> backward = model.logLikelihood(context, continuations.reversed());
        for (int i = 0; i < forward.size(); i++) {
            assertSame(forward.get(i), backward.reversed().get(i));
        }
        assertThat(forward.get(3)).isEqualTo(forward.get(0));
    }

    /** More paths than a tree has, a prompt of several blocks, and rows of several calls. */
    @Test
    void manyContinuationsInOneCall_haveTheLikelihoodsOfEachInACallOfItsOwn() {
        List<Integer> context = begun("Once upon a time, there was a little girl named Lily. ".repeat(10));
        assertThat(context).hasSizeGreaterThan(130);
        List<List<Integer>> continuations = new ArrayList<>();
        for (String name : List.of("Tom", "Ben", "Anna", "Sue", "Max", "Jane", "Sam")) {
            for (String rest : List.of("", " and", " and a big dog", " and a big cat.", " liked to run in the park")) {
                continuations.add(model.tokenize(" Her friend was " + name + rest));
            }
        }
        List<LogLikelihood> together = model.logLikelihood(context, continuations);
        for (int i = 0; i < continuations.size(); i++) {
            assertSame(together.get(i), oneByOne(context, continuations.get(i)));
            assertSame(
                    together.get(i),
                    model.logLikelihood(context, List.of(continuations.get(i))).getFirst());
        }
    }

    @Test
    void whatWasAskedBefore_changesNoBit() throws IOException {
        String preamble = "Tom had a red ball. He liked to play with it in the park every day. ".repeat(5);
        List<String> answers = List.of(" a dog", " a big red ball", " the park with Lily and Tom");
        List<LogLikelihood> expected;
        try (LemModel fresh = LemModel.load(Fixtures.require("models/stories260K-f32.gguf"), EXACT)) {
            expected = fresh.logLikelihood(preamble + "What did Tom see? It was", answers);
        }
        model.logLikelihood(preamble + "Then", answers);
        model.logLikelihood(preamble + "What did Tom see? It was a very big dog, and then he saw", answers);
        assertThat(model.logLikelihood(preamble + "What did Tom see? It was", answers))
                .isEqualTo(expected);
        model.logLikelihood("Something else", answers);
        assertThat(model.logLikelihood(preamble + "What did Tom see? It was", answers))
                .isEqualTo(expected);
    }

    @Test
    void likelihoods_leaveTheModelsPromptsAsTheyAre() {
        GenerationOptions few = GenerationOptions.builder().maxTokens(2).build();
        String prompt = "The dog and the cat sat in the big park and then they saw a bird. ".repeat(5);
        model.generate(prompt, few);
        int reused = model.generate(prompt, few).reusedTokens();
        assertThat(reused).isPositive();
        model.logLikelihood("Once upon a", List.of(" time"));
        assertThat(model.generate(prompt, few).reusedTokens()).isEqualTo(reused);
    }

    @Test
    void blanksAtTheEndOfTheContext_belongToTheContinuation() {
        LogLikelihood expected =
                model.logLikelihood("Once upon a", List.of(" \n\u00a0time")).getFirst();
        assertThat(model.logLikelihood("Once upon a \n\u00a0", List.of("time"))).containsExactly(expected);
        assertThat(model.logLikelihood("Once upon a ", List.of("time")))
                .isEqualTo(model.logLikelihood("Once upon a", List.of(" time")));
    }

    @Test
    void anEmptyContext_isTheBeginningOfSequence() {
        List<Integer> text = model.tokenize("Once upon a time");
        assertSame(model.logLikelihood("", List.of("Once upon a time")).getFirst(), oneByOne(List.of(1), text));
        assertThat(model.logLikelihood("  ", List.of("x")).getFirst().tokens())
                .isEqualTo(model.tokenize("  x").size());
    }

    @Test
    void rows_areTheScoresAfterEachPrefix() {
        List<Integer> tokens =
                begun("Once upon a time, there was a little girl named Lily. She loved to play outside in"
                        + " the park with her mom and a very big dog.");
        assertThat(tokens).hasSizeGreaterThan(32);
        List<float[]> rows = new ArrayList<>();
        model.logitRows(tokens, rows::add);
        assertThat(rows).hasSameSizeAs(tokens);
        for (int i = 0; i < tokens.size(); i++) {
            assertThat(rows.get(i)).containsExactly(model.logits(tokens.subList(0, i + 1)), within(1e-3f));
        }
    }

    /** In the harness's form, without its examples and with three choices of each so that the test takes seconds. */
    @Test
    void aHundredTruthfulQaItems_haveTheLikelihoodsOfChoicesEvaluatedAlone() throws IOException {
        JsonNode items =
                new ObjectMapper().readTree(Files.readString(Fixtures.require("datasets/truthfulqa/mc_task.json")));
        int compared = 0;
        for (int item = 0; item < 100; item++) {
            String context = "Q: " + items.get(item).get("question").asString() + "\nA:";
            List<String> choices = items.get(item).get("mc1_targets").propertyNames().stream()
                    .map(choice -> " " + choice)
                    .toList();
            choices = choices.subList(0, Math.min(choices.size(), 3));
            List<LogLikelihood> likelihoods = model.logLikelihood(context, choices);
            int contextTokens = begun(context).size();
            for (int i = 0; i < choices.size(); i++) {
                assertThat(likelihoods.get(i).sum())
                        .as(context + choices.get(i))
                        .isCloseTo(alone(begun(context + choices.get(i)), contextTokens), within(BOUND));
                compared++;
            }
        }
        assertThat(compared).isGreaterThan(250);
    }

    private double alone(List<Integer> whole, int contextTokens) {
        List<Double> logProbabilities = new ArrayList<>();
        model.logitRows(whole, row -> {
            int next = logProbabilities.size() + 1;
            logProbabilities.add(next < whole.size() ? logProbability(row, whole.get(next)) : 0);
        });
        return logProbabilities.subList(contextTokens - 1, whole.size()).stream()
                .mapToDouble(Double::doubleValue)
                .sum();
    }

    @Test
    void whatHasNoLikelihood_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> model.logLikelihood("Once", List.of(" upon", "")))
                .withMessageContaining("adds no token");
        assertThatIllegalArgumentException().isThrownBy(() -> model.logLikelihood(List.of(1), List.of(List.of())));
        assertThatIllegalArgumentException().isThrownBy(() -> model.logLikelihood(List.of(), List.of(List.of(5))));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> model.logLikelihood(List.of(1), List.of(List.of(512))))
                .withMessageContaining("0 to 511");
        assertThatIllegalArgumentException().isThrownBy(() -> model.logitRows(List.of(), row -> {}));
        assertThatIllegalArgumentException().isThrownBy(() -> model.logitRows(List.of(1, -1), row -> {}));
        assertThat(model.logLikelihood("Once", List.of())).isEmpty();
    }

    @Test
    void whatDoesNotFit_isRefusedBeforeAnythingIsEvaluated_andTheLastTokenNeedsNoRoom() {
        List<Integer> context = begun("Once upon a time");
        List<Integer> full = new ArrayList<>(model.tokenize("the ".repeat(600)).subList(0, 512 - context.size() + 1));
        assertThat(model.logLikelihood(context, List.of(full)).getFirst().tokens())
                .isEqualTo(full.size());
        full.add(5);
        assertThatExceptionOfType(ContextOverflowException.class)
                .isThrownBy(() -> model.logLikelihood(context, List.of(List.of(5), full)));
        List<Integer> tooMany = model.tokenize("the ".repeat(600));
        assertThatExceptionOfType(ContextOverflowException.class).isThrownBy(() -> model.logitRows(tooMany, row -> {}));
    }

    @Test
    void aConsumerThatThrows_endsTheEvaluation_andTheModelGoesOn() {
        List<Integer> tokens = begun("Once upon a time");
        assertThatIllegalStateException()
                .isThrownBy(() -> model.logitRows(tokens, row -> {
                    throw new IllegalStateException("enough");
                }))
                .withMessage("enough");
        assertThatIllegalStateException()
                .isThrownBy(() -> model.logitRows(tokens, row -> model.logits(tokens)))
                .withMessageContaining("listener");
        assertThat(model.logits(tokens)).hasSize(512);
    }

    @Test
    void anInterrupt_cancelsIt() {
        Thread.currentThread().interrupt();
        try {
            assertThatExceptionOfType(CancellationException.class)
                    .isThrownBy(() -> model.logLikelihood(List.of(1), List.of(List.of(5, 6, 7, 8))));
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void smallBatches_giveTheSameLikelihoods() throws IOException {
        List<Integer> context = begun("Once upon a time, there was a little girl");
        List<List<Integer>> continuations =
                List.of(model.tokenize(" who lived in a very small house"), model.tokenize(" named Lily"));
        ModelOptions small =
                EXACT.toBuilder().batchTokens(5).microBatchTokens(2).build();
        try (LemModel other = LemModel.load(Fixtures.require("models/stories260K-f32.gguf"), small)) {
            List<LogLikelihood> actual = other.logLikelihood(context, continuations);
            for (int i = 0; i < continuations.size(); i++) {
                assertSame(actual.get(i), oneByOne(context, continuations.get(i)));
            }
        }
    }
}
