package io.lethean.lem.model;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.ffi.llama_token_data;
import io.lethean.lem.internal.ffi.llama_token_data_array;
import io.lethean.lem.internal.nativelib.NativeLibraries;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The steps of {@link SamplingOptions} compared with llama.cpp's own samplers, in the order of its default chain. */
class LlamaSamplersIT {

    private static final int VOCABULARY = 400;

    @BeforeAll
    static void load() {
        NativeLibraries.load();
    }

    private static MemorySegment create(String name, MemoryLayout[] layouts, Object... arguments) {
        try {
            return (MemorySegment) Linker.nativeLinker()
                    .downcallHandle(
                            SymbolLookup.loaderLookup().findOrThrow("llama_sampler_init_" + name),
                            FunctionDescriptor.of(ADDRESS, layouts))
                    .invokeWithArguments(arguments);
        } catch (Throwable failed) {
            throw new AssertionError(name, failed);
        }
    }

    private static MemorySegment filter(String name, double p) {
        return create(name, new MemoryLayout[] {JAVA_FLOAT, JAVA_LONG}, (float) p, 0L);
    }

    private static MemorySegment topK(int k) {
        return create("top_k", new MemoryLayout[] {JAVA_INT}, k);
    }

    private static MemorySegment temperature(double t) {
        return create("temp", new MemoryLayout[] {JAVA_FLOAT}, (float) t);
    }

    /** The probabilities that samplers leave of logits. */
    private static double[] probabilities(float[] logits, MemorySegment... samplers) {
        double[] probabilities = new double[logits.length];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment candidates = llama_token_data.allocateArray(logits.length, arena);
            for (int token = 0; token < logits.length; token++) {
                MemorySegment each = llama_token_data.asSlice(candidates, token);
                llama_token_data.id(each, token);
                llama_token_data.logit(each, logits[token]);
            }
            MemorySegment array = llama_token_data_array.allocate(arena);
            llama_token_data_array.data(array, candidates);
            llama_token_data_array.size(array, logits.length);
            llama_token_data_array.selected(array, -1);
            llama_token_data_array.sorted(array, false);
            for (MemorySegment sampler : samplers) {
                assertThat(LlamaCpp.lem_sampler_apply(sampler, array, MemorySegment.NULL, 0))
                        .isZero();
                LlamaCpp.llama_sampler_free(sampler);
            }
            for (int i = 0; i < llama_token_data_array.size(array); i++) {
                MemorySegment each = llama_token_data.asSlice(candidates, i);
                probabilities[llama_token_data.id(each)] = Math.exp(llama_token_data.logit(each));
            }
        }
        double sum = IntStream.range(0, logits.length)
                .mapToDouble(token -> probabilities[token])
                .sum();
        return IntStream.range(0, logits.length)
                .mapToDouble(token -> probabilities[token] / sum)
                .toArray();
    }

    private static float[] randomLogits(Random random) {
        float[] logits = new float[VOCABULARY];
        for (int token = 0; token < VOCABULARY; token++) {
            logits[token] = (float) (random.nextGaussian() * 3);
        }
        return logits;
    }

    private static void compare(float[] logits, GenerationOptions options, double[] expected) {
        Distribution distribution = Distribution.of(logits, options.sampling());
        for (int token = 0; token < logits.length; token++) {
            assertThat(distribution.probability(token))
                    .as("token %d of %s", token, options.sampling())
                    .isCloseTo(expected[token], within(1e-5));
        }
    }

    @Test
    void typicalP_keepsWhatLlamaCppKeeps() {
        Random random = new Random(11);
        for (int round = 0; round < 200; round++) {
            float[] logits = randomLogits(random);
            double p = (float) random.nextDouble(0.02, 0.999);
            GenerationOptions options =
                    GenerationOptions.builder().temperature(1).typicalP(p).build();
            compare(logits, options, probabilities(logits, filter("typical", p)));
        }
    }

    @Test
    void allFilters_keepWhatLlamaCppsDefaultChainKeeps() {
        Random random = new Random(12);
        for (int round = 0; round < 200; round++) {
            float[] logits = randomLogits(random);
            int k = random.nextInt(1, VOCABULARY);
            double typical = (float) random.nextDouble(0.3, 1);
            double p = (float) random.nextDouble(0.3, 1);
            double min = (float) random.nextDouble(0.001, 0.3);
            double temperature = (float) random.nextDouble(0.3, 2);
            GenerationOptions options = GenerationOptions.builder()
                    .topK(k)
                    .typicalP(typical)
                    .topP(p)
                    .minP(min)
                    .temperature(temperature)
                    .build();
            double[] expected = probabilities(
                    logits,
                    topK(k),
                    filter("typical", typical),
                    filter("top_p", p),
                    filter("min_p", min),
                    temperature(temperature));
            compare(logits, options, expected);
        }
    }

    @Test
    void penalties_areLlamaCppsWhereItsLastTokensAreTheGeneratedOnes() {
        Random random = new Random(13);
        for (int round = 0; round < 50; round++) {
            float[] logits = randomLogits(random);
            TokenHistory history = new TokenHistory(new int[] {});
            MemorySegment sampler = create(
                    "penalties",
                    new MemoryLayout[] {JAVA_INT, JAVA_INT, JAVA_FLOAT, JAVA_FLOAT, JAVA_FLOAT},
                    VOCABULARY,
                    64,
                    1.3f,
                    0.25f,
                    0.5f);
            for (int i = 0; i < 40; i++) {
                int token = random.nextInt(20);
                history.add(token);
                assertThat(LlamaCpp.lem_sampler_accept(sampler, token, MemorySegment.NULL, 0))
                        .isZero();
            }
            float[] ours = logits.clone();
            SamplingSelector.penalize(ours, history.last(64), 1.3f);
            new OccurrencePenalties(0.5, 0.25).applyTo(ours, history);
            compare(ours, GenerationOptions.builder().temperature(1).build(), probabilities(logits, sampler));
        }
    }
}
