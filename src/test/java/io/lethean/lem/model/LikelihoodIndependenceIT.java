package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.RandomModel;
import io.lethean.lem.internal.nativelib.NativeLibraries;
import io.lethean.lem.quantize.Quantize;
import io.lethean.lem.quantize.QuantizeOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Likelihoods on the processor with flash attention, compared to the last bit: alone and with other continuations, in any
 * order, after any other prompt. Where weights are quantized, activations are rounded, and one other last digit would move a
 * sum by up to 1.
 */
class LikelihoodIndependenceIT {

    private static final int VOCABULARY = 1000;

    private static final ModelOptions OPTIONS = ModelOptions.builder()
            .threads(1)
            .contextTokens(512)
            .device("cpu")
            .flashAttention(FlashAttention.ON)
            .build();

    @TempDir
    private Path folder;

    private final Random random = new Random(3);

    @BeforeAll
    static void libraries() {
        NativeLibraries.load();
    }

    private Path file(String type) throws IOException {
        RandomModel shape = type.equals("gemma3")
                ? RandomModel.gemma3(6, 128, 4, 1, 256, VOCABULARY).slidingWindow(64)
                : RandomModel.llama(2, 256, 4, 2, 512, VOCABULARY);
        Path path = folder.resolve("random.gguf");
        shape.type(GgmlType.F32).write(path, 5);
        if (type.equals("f32") || type.equals("gemma3")) {
            return path;
        }
        Path quantized = folder.resolve(type + ".gguf");
        Quantize.run(QuantizeOptions.of(path, quantized, type));
        return quantized;
    }

    private List<Integer> tokens(int count) {
        return random.ints(count, 3, VOCABULARY).boxed().toList();
    }

    private static List<Integer> joined(List<Integer> one, List<Integer> other) {
        List<Integer> joined = new ArrayList<>(one);
        joined.addAll(other);
        return joined;
    }

    /** Some of them begin with the same tokens, so that they form a tree. */
    private List<List<Integer>> continuations() {
        List<List<Integer>> continuations = new ArrayList<>();
        List<Integer> stem = tokens(3);
        for (int length = 1; length < 24; length += 2) {
            continuations.add(tokens(length));
            continuations.add(joined(stem, tokens(length)));
        }
        return continuations;
    }

    @ParameterizedTest
    @ValueSource(strings = {"f32", "f16", "bf16", "q8_0", "q4_0", "q4_k_m", "q6_k", "gemma3"})
    void noBitDependsOnOtherContinuationsOrOnEarlierPrompts(String type) throws IOException {
        List<Integer> preamble = tokens(150);
        List<List<Integer>> prompts = List.of(
                joined(preamble, tokens(3)), joined(preamble, tokens(20)), joined(preamble, tokens(50)), tokens(5));
        List<List<Integer>> continuations = continuations();
        List<List<LogLikelihood>> expected = new ArrayList<>();
        for (List<Integer> prompt : prompts) {
            try (LemModel fresh = LemModel.load(file(type), OPTIONS)) {
                expected.add(fresh.logLikelihood(prompt, continuations));
            }
        }
        try (LemModel model = LemModel.load(file(type), OPTIONS)) {
            for (int round = 0; round < 12; round++) {
                int at = random.nextInt(prompts.size());
                List<Integer> order = new ArrayList<>(random.ints(1 + random.nextInt(20), 0, continuations.size())
                        .boxed()
                        .toList());
                Collections.shuffle(order, random);
                List<LogLikelihood> actual = model.logLikelihood(
                        prompts.get(at), order.stream().map(continuations::get).toList());
                assertThat(actual)
                        .isEqualTo(order.stream().map(expected.get(at)::get).toList());
            }
        }
    }

    /** As many continuations as there are tokens, which are scored by one row; and more paths than a context has sequences. */
    @Test
    void anyNumberOfContinuations() throws IOException {
        List<Integer> prompt = tokens(70);
        List<List<Integer>> pairs = new ArrayList<>();
        for (int token = 0; token < 200; token++) {
            pairs.add(List.of(token, 7));
        }
        List<List<Integer>> single = random.ints(0, VOCABULARY)
                .distinct()
                .limit(VOCABULARY)
                .mapToObj(List::of)
                .toList();
        try (LemModel model = LemModel.load(file("f32"), OPTIONS)) {
            double sum = model.logLikelihood(prompt, single).stream()
                    .mapToDouble(likelihood -> Math.exp(likelihood.sum()))
                    .sum();
            assertThat(sum).isCloseTo(1, within(1e-9));
            List<LogLikelihood> together = model.logLikelihood(prompt, pairs);
            for (int i = 0; i < pairs.size(); i += 37) {
                assertThat(model.logLikelihood(prompt, List.of(pairs.get(i)))).containsExactly(together.get(i));
            }
        }
    }

    /** Whatever memory there is: the answers of a question that fills the context have room, or are scored in turn. */
    @Test
    void aPromptThatFillsTheContext_hasRoomForManyContinuations() throws IOException {
        List<Integer> prompt = tokens(500);
        List<List<Integer>> continuations = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            continuations.add(tokens(13));
        }
        try (LemModel model = LemModel.load(file("f32"), OPTIONS)) {
            List<LogLikelihood> together = model.logLikelihood(prompt, continuations);
            assertThat(model.logLikelihood(prompt, continuations.subList(149, 150)))
                    .containsExactly(together.getLast());
            assertThat(model.logLikelihood(tokens(20), List.of(List.of(5)))).hasSize(1);
        }
    }
}
