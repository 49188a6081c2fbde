package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.lethean.lem.ContextOverflowException;
import io.lethean.lem.Fixtures;
import io.lethean.lem.InvalidModelException;
import io.lethean.lem.Message;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.adapter.RandomAdapter;
import io.lethean.lem.internal.gguf.GgufValue;
import io.lethean.lem.internal.gguf.RandomModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Embeddings of a random encoder against its computation in double precision, and of a model that generates text. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EmbeddingIT {

    private static final List<String> TEXTS =
            List.of("the cat sat on the mat", "a dog ran far", "sun", "", "the sun is warm on the mat");

    /** Values are of the order of 1; the processor's products are in 32 bits. */
    private static final double BOUND = 5e-4;

    private static final ModelOptions OPTIONS =
            ModelOptions.builder().threads(1).device("cpu").build();

    @TempDir
    static Path folder;

    private final RandomBert bert = RandomBert.embedder();
    private LemModel model;

    @BeforeAll
    void load() throws IOException {
        model = LemModel.load(bert.write(folder.resolve("bert.gguf")), OPTIONS);
    }

    @AfterAll
    void close() {
        if (model != null) {
            model.close();
        }
    }

    private List<Integer> framed(String text) {
        List<Integer> ids = new ArrayList<>(List.of(RandomBert.CLS));
        ids.addAll(bert.tokens(text));
        ids.add(RandomBert.SEP);
        return ids;
    }

    private double[] reference(String text, Pooling pooling) {
        double[][] rows =
                bert.hidden(framed(text), Collections.nCopies(framed(text).size(), 0));
        return switch (pooling) {
            case CLS -> rows[0];
            case LAST -> rows[rows.length - 1];
            case MEAN ->
                IntStream.range(0, RandomBert.HIDDEN)
                        .mapToDouble(i -> Arrays.stream(rows)
                                .mapToDouble(row -> row[i])
                                .average()
                                .orElseThrow())
                        .toArray();
        };
    }

    private static void assertClose(float[] actual, double[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat((double) actual[i]).as("value %d", i).isCloseTo(expected[i], within(BOUND));
        }
    }

    @ParameterizedTest
    @EnumSource
    void valuesOfEachPooling_areThoseOfDoublePrecision(Pooling pooling) {
        List<float[]> found = model.embed(
                TEXTS, EmbeddingOptions.defaults().withPooling(pooling).withNormalized(false));
        assertThat(found).hasSameSizeAs(TEXTS);
        for (int i = 0; i < TEXTS.size(); i++) {
            assertClose(found.get(i), reference(TEXTS.get(i), pooling));
        }
    }

    @Test
    void defaultEmbedding_hasTheFilesPoolingAndLengthOne() {
        float[] found = model.embed(List.of(TEXTS.getFirst())).getFirst();
        double[] mean = reference(TEXTS.getFirst(), Pooling.MEAN);
        double length = Math.sqrt(Arrays.stream(mean).map(x -> x * x).sum());
        assertClose(found, Arrays.stream(mean).map(x -> x / length).toArray());
        double square = 0;
        for (float value : found) {
            square += value * (double) value;
        }
        assertThat(square).isCloseTo(1, within(1e-6));
    }

    @Test
    void embedding_doesNotDependOnTheOtherTexts() {
        List<float[]> together = model.embed(TEXTS);
        List<float[]> backwards = model.embed(TEXTS.reversed());
        for (int i = 0; i < TEXTS.size(); i++) {
            float[] alone = model.embed(List.of(TEXTS.get(i))).getFirst();
            assertThat(together.get(i)).containsExactly(alone);
            assertThat(backwards.get(TEXTS.size() - 1 - i)).containsExactly(alone);
        }
    }

    @Test
    void controlTokensInATextAreOrdinaryText() {
        assertThat(model.embed(List.of("the [SEP] cat")).getFirst())
                .isNotEqualTo(model.embed(List.of("the cat")).getFirst());
        assertThat(model.tokenize("[SEP]")).doesNotContain(RandomBert.SEP);
    }

    @Test
    void noTexts_giveNoEmbeddings() {
        assertThat(model.embed(List.of())).isEmpty();
    }

    @Test
    void textAsLongAsThePositions_isEmbedded() {
        String longest = "cat ".repeat(RandomBert.POSITIONS - 2).strip();
        float[] found = model.embed(
                        List.of(longest), EmbeddingOptions.defaults().withNormalized(false))
                .getFirst();
        assertClose(found, reference(longest, Pooling.MEAN));
    }

    @Test
    void textLongerThanThePositions_isRefusedWithBothNumbers() {
        List<String> texts = List.of("sun", "cat ".repeat(RandomBert.POSITIONS - 1));
        assertThatExceptionOfType(ContextOverflowException.class)
                .isThrownBy(() -> model.embed(texts))
                .withMessageContaining("Text 2 of 2 has 41 tokens")
                .withMessageContaining("takes 40 at most")
                .satisfies(refused -> {
                    assertThat(refused.promptTokens()).isEqualTo(41);
                    assertThat(refused.contextTokens()).isEqualTo(40);
                });
        assertThat(model.embed(List.of("sun"))).hasSize(1);
    }

    @Test
    void encoderLoadedWithFewerTokens_refusesLongerTexts_andSaysWhatItWasTrainedFor() throws IOException {
        ModelOptions small = OPTIONS.toBuilder().contextTokens(8).build();
        try (LemModel short8 = LemModel.load(folder.resolve("bert.gguf"), small)) {
            assertThat(short8.info().context().tokens()).isEqualTo(8);
            assertThat(short8.embed(List.of("a b c a b c")).getFirst())
                    .containsExactly(model.embed(List.of("a b c a b c")).getFirst());
            assertThatExceptionOfType(ContextOverflowException.class)
                    .isThrownBy(() -> short8.embed(List.of("a b c a b c a")))
                    .withMessageContaining("trained for 40");
        }
    }

    @Test
    void encoderAskedToGenerate_isRefusedAndStillEmbeds() {
        assertThat(model.generatesText()).isFalse();
        assertThat(model.info().context().tokens()).isEqualTo(RandomBert.POSITIONS);
        assertThat(model.info().warnings()).isEmpty();
        refusesGeneration(() -> model.generate("the cat", GenerationOptions.defaults()));
        refusesGeneration(() -> model.chat(List.of(Message.user("the cat")), GenerationOptions.defaults()));
        refusesGeneration(() -> model.conversation());
        refusesGeneration(() -> model.logits(List.of(4)));
        refusesGeneration(() -> model.logLikelihood("the", List.of(" cat")));
        assertThat(model.embed(List.of("sun"))).hasSize(1);
    }

    private static void refusesGeneration(Runnable call) {
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(call::run)
                .withMessageContaining("is an encoder")
                .satisfies(refused -> assertThat(refused.rule()).isEqualTo("generates-text"));
    }

    @Test
    void encoderWithoutPooling_isRefusedUntilThePoolingIsNamed() throws IOException {
        Path file = folder.resolve("unpooled.gguf");
        RandomBert.embedder().writer().remove("bert.pooling_type").write(file);
        try (LemModel unpooled = LemModel.load(file, OPTIONS)) {
            assertThatExceptionOfType(InvalidModelException.class)
                    .isThrownBy(() -> unpooled.embed(List.of("sun")))
                    .withMessageContaining("does not say how")
                    .withMessageContaining("mean, cls or last");
            assertThat(unpooled.embed(
                                    List.of("sun"), EmbeddingOptions.defaults().withPooling(Pooling.MEAN))
                            .getFirst())
                    .containsExactly(model.embed(List.of("sun")).getFirst());
        }
    }

    @Test
    void fileThatClaimsMorePositionsThanItHas_doesNotReadBeyondThem() throws IOException {
        Path file = folder.resolve("claims.gguf");
        RandomBert.embedder()
                .writer()
                .put("bert.context_length", GgufValue.uint32(512))
                .write(file);
        assertThatExceptionOfType(InvalidModelException.class).isThrownBy(() -> LemModel.load(file, OPTIONS));
    }

    @Test
    void rerankWithAnEncoderWithoutHead_isRefused() {
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> model.rerank("sun", List.of("the sun is warm")))
                .withMessageContaining("no classification head");
    }

    @Test
    void interruptedCaller_endsTheCall() {
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(CancellationException.class)
                .isThrownBy(() -> model.embed(Collections.nCopies(100_000, "the cat sat on the mat")))
                .withMessageContaining("of 100000 texts");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void closedModel_refuses() throws IOException {
        LemModel closed = LemModel.load(folder.resolve("bert.gguf"), OPTIONS);
        closed.embed(List.of("sun"));
        closed.close();
        assertThatIllegalStateException().isThrownBy(() -> closed.embed(List.of("sun")));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 31, 32, 33, 200})
    void decodersLastEmbedding_givesItsLogits(int words) throws IOException {
        Path file = folder.resolve("llama" + words + ".gguf");
        RandomModel.llama(2, 64, 4, 2, 96, 400).contextLength(1024).write(file, 5);
        String text = "dog ".repeat(words).strip();
        ModelOptions exact = OPTIONS.toBuilder()
                .kvType(KvType.F32)
                .flashAttention(FlashAttention.OFF)
                .build();
        try (LemModel llama = LemModel.load(file, exact)) {
            assertThat(llama.generatesText()).isTrue();
            List<Integer> tokens = llama.tokenize(text, true, false);
            float[] embedding = llama.embed(
                            List.of(text),
                            EmbeddingOptions.defaults()
                                    .withPooling(Pooling.LAST)
                                    .withNormalized(false))
                    .getFirst();
            float[] logits = llama.logits(tokens);
            assertThat(embedding).hasSize(64);
            float[] head = Tensors.read(file, "output.weight");
            for (int token = 0; token < logits.length; token++) {
                double sum = 0;
                for (int i = 0; i < 64; i++) {
                    sum += (double) head[token * 64 + i] * embedding[i];
                }
                assertThat((double) logits[token]).isCloseTo(sum, within(BOUND));
            }
        }
    }

    @Test
    void decodersMeanEmbedding_isThatOfItsTokens_andLeavesChatsAlone() throws IOException {
        EmbeddingOptions mean =
                EmbeddingOptions.defaults().withPooling(Pooling.MEAN).withNormalized(false);
        EmbeddingOptions last = mean.withPooling(Pooling.LAST);
        String text = "Once upon a time there was a little dog who ran far from home and sat in the sun.";
        try (LemModel stories = LemModel.load(Fixtures.require("models/stories260K-f32.gguf"), OPTIONS)) {
            String prompt = "Once upon a time, there was a little girl named Lily. She liked to play. ".repeat(3);
            GenerationOptions few = GenerationOptions.builder().maxTokens(4).build();
            stories.generate(prompt, few);
            List<Integer> tokens = stories.tokenize(text, true, false);
            double[] sum = new double[64];
            for (int i = 1; i <= tokens.size(); i++) {
                String beginning = stories.detokenize(tokens.subList(0, i));
                if (stories.tokenize(beginning, true, false).equals(tokens.subList(0, i))) {
                    float[] row = stories.embed(List.of(beginning), last).getFirst();
                    for (int j = 0; j < 64; j++) {
                        sum[j] += row[j] / tokens.size();
                    }
                } else {
                    throw new AssertionError("The test needs a text that tokenizes token by token: " + beginning);
                }
            }
            assertClose(stories.embed(List.of(text), mean).getFirst(), sum);
            assertThat(stories.generate(prompt, few).reusedTokens()).isPositive();
            assertThatExceptionOfType(InvalidModelException.class)
                    .isThrownBy(() -> stories.embed(List.of(text)))
                    .withMessageContaining("Name the pooling");
        }
    }

    @Test
    void adapters_changeEmbeddingsOfDecodersAndEncoders_untilTheyAreRemoved() throws IOException {
        Path stories = Fixtures.require("models/stories260K-f32.gguf");
        changes(stories, EmbeddingOptions.defaults().withPooling(Pooling.LAST));
        changes(folder.resolve("bert.gguf"), EmbeddingOptions.defaults());
    }

    private static void changes(Path file, EmbeddingOptions options) throws IOException {
        Path adapter = RandomAdapter.write(folder.resolve("adapter.gguf"), file, 0.3, 9);
        try (LemModel changed = LemModel.load(file, OPTIONS)) {
            float[] before = changed.embed(List.of("the cat sat"), options).getFirst();
            changed.setAdapters(List.of(AdapterUse.of(adapter)));
            assertThat(changed.embed(List.of("the cat sat"), options).getFirst())
                    .isNotEqualTo(before);
            changed.setAdapters(List.of());
            assertThat(changed.embed(List.of("the cat sat"), options).getFirst())
                    .containsExactly(before);
        }
    }
}
