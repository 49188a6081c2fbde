package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.lethean.lem.ContextOverflowException;
import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufArray;
import io.lethean.lem.internal.gguf.GgufValue;
import io.lethean.lem.internal.gguf.GgufWriter;
import io.lethean.lem.internal.gguf.RandomModel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Scores of a random cross-encoder against its computation in double precision, and of a decoder with a head. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RerankIT {

    private static final String QUERY = "the cat sat";
    private static final List<String> DOCUMENTS = List.of("the mat is warm", "a dog ran far home", "", "sun");
    private static final double BOUND = 5e-4;
    private static final ModelOptions OPTIONS =
            ModelOptions.builder().threads(1).device("cpu").build();

    @TempDir
    static Path folder;

    private final RandomBert bert = RandomBert.reranker();
    private LemModel model;

    @BeforeAll
    void load() throws IOException {
        model = LemModel.load(bert.write(folder.resolve("reranker.gguf")), OPTIONS);
    }

    @AfterAll
    void close() {
        if (model != null) {
            model.close();
        }
    }

    private double reference(String document, int documentType) {
        List<Integer> ids = new ArrayList<>(List.of(RandomBert.CLS));
        ids.addAll(bert.tokens(QUERY));
        ids.add(RandomBert.SEP);
        List<Integer> types = new ArrayList<>(Collections.nCopies(ids.size(), 0));
        ids.addAll(bert.tokens(document));
        ids.add(RandomBert.SEP);
        types.addAll(Collections.nCopies(ids.size() - types.size(), documentType));
        return bert.score(ids, types);
    }

    @Test
    void scores_areThoseOfDoublePrecisionWithTokenTypes() {
        List<Relevance> found = model.rerank(QUERY, DOCUMENTS);
        assertThat(found).hasSameSizeAs(DOCUMENTS);
        for (int i = 0; i < found.size(); i++) {
            double expected = reference(DOCUMENTS.get(i), 1);
            assertThat((double) found.get(i).score()).as(DOCUMENTS.get(i)).isCloseTo(expected, within(BOUND));
            assertThat(found.get(i).probability())
                    .isCloseTo(1 / (1 + Math.exp(-found.get(i).score())), within(1e-12));
        }
        assertThat(Math.abs(reference("sun", 1) - reference("sun", 0))).isGreaterThan(10 * BOUND);
    }

    @Test
    void score_doesNotDependOnTheOtherDocuments() {
        List<Relevance> together = model.rerank(QUERY, DOCUMENTS);
        for (int i = 0; i < DOCUMENTS.size(); i++) {
            assertThat(model.rerank(QUERY, List.of(DOCUMENTS.get(i)))).containsExactly(together.get(i));
        }
        assertThat(model.rerank(QUERY, List.of())).isEmpty();
    }

    @Test
    void pairLongerThanThePositions_isRefusedWithBothNumbers() {
        assertThatExceptionOfType(ContextOverflowException.class)
                .isThrownBy(() -> model.rerank(QUERY, List.of("sun", "cat ".repeat(40))))
                .withMessageContaining("The query with document 2 of 2 has 46 tokens")
                .withMessageContaining("takes 40 at most");
    }

    @Test
    void rerankerAskedToEmbed_isRefusedUntilThePoolingIsNamed() {
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> model.embed(List.of("sun")))
                .withMessageContaining("is a reranker");
        float[] found = model.embed(
                        List.of("sun"),
                        EmbeddingOptions.defaults().withPooling(Pooling.CLS).withNormalized(false))
                .getFirst();
        double[] expected = bert.hidden(
                        List.of(RandomBert.CLS, bert.tokens("sun").getFirst(), RandomBert.SEP), List.of(0, 0, 0))[0];
        for (int i = 0; i < found.length; i++) {
            assertThat((double) found[i]).isCloseTo(expected[i], within(BOUND));
        }
        assertThat(model.rerank(QUERY, List.of("sun"))).hasSize(1);
    }

    @Test
    void classifierOfSeveralLabels_isRefused() throws IOException {
        Path file = folder.resolve("labels.gguf");
        RandomBert.embedder()
                .writer()
                .remove("bert.pooling_type")
                .put("bert.classifier.output_labels", GgufArray.ofStrings(List.of("good", "bad", "other")))
                .tensor("cls.output.weight", List.of(32L, 3L), GgmlType.F32, zeros(96))
                .write(file);
        try (LemModel labels = LemModel.load(file, OPTIONS)) {
            assertThatExceptionOfType(InvalidModelException.class)
                    .isThrownBy(() -> labels.rerank(QUERY, DOCUMENTS))
                    .withMessageContaining("3 labels");
        }
    }

    private static GgufWriter.TensorSource zeros(int values) {
        return GgufWriter.TensorSource.of(new byte[4 * values]);
    }

    @Test
    void decoderWithAHead_scoresTheLastTokenOfItsTemplate() throws IOException {
        Path file = folder.resolve("qwen3-reranker.gguf");
        float[] head = new float[128];
        SplittableRandom random = new SplittableRandom(3);
        ByteBuffer bytes = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < head.length; i++) {
            head[i] = (float) (random.nextGaussian() * 0.3);
            bytes.putFloat(4 * i, head[i]);
        }
        RandomModel.qwen3(2, 64, 4, 2, 96, 600)
                .writer(4)
                .forced(false)
                .put("qwen3.pooling_type", GgufValue.uint32(4))
                .put("qwen3.classifier.output_labels", GgufArray.ofStrings(List.of("yes", "no")))
                .put("tokenizer.chat_template.rerank", "Query: {query}\nDocument: {document}\nAnswer:")
                .tensor("cls.output.weight", List.of(64L, 2L), GgmlType.F32, GgufWriter.TensorSource.of(bytes.array()))
                .write(file);
        try (LemModel qwen = LemModel.load(file, OPTIONS)) {
            String document = "a long tale ".repeat(100).strip();
            float[] last = qwen.embed(
                            List.of("Query: dog?\nDocument: " + document + "\nAnswer:"),
                            EmbeddingOptions.defaults()
                                    .withPooling(Pooling.LAST)
                                    .withNormalized(false))
                    .getFirst();
            double yes = 0;
            double no = 0;
            for (int i = 0; i < 64; i++) {
                yes += (double) head[i] * last[i];
                no += (double) head[64 + i] * last[i];
            }
            Relevance found = qwen.rerank("dog?", List.of(document)).getFirst();
            assertThat((double) found.score()).isCloseTo(1 / (1 + Math.exp(no - yes)), within(1e-4));
            assertThat(found.probability()).isEqualTo(found.score());
            assertThat(qwen.rerank("{document}", List.of("{query}"))).hasSize(1);
        }
    }
}
