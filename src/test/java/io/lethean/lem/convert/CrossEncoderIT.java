package io.lethean.lem.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import io.lethean.lem.model.RandomBert;
import io.lethean.lem.model.Relevance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders of random encoders, with and without a classifier, and what the files made of them compute. */
class CrossEncoderIT {

    private static final ModelOptions OPTIONS =
            ModelOptions.builder().threads(1).device("cpu").build();

    @TempDir
    private Path folder;

    private Path convert(Path source) throws IOException {
        Path output = folder.resolve(source.getFileName() + ".gguf");
        Convert.run(ConvertOptions.of(source, output).withType("f32"));
        return output;
    }

    private Path reranker() throws IOException {
        return RandomBert.reranker().writeFolder(folder.resolve("reranker"));
    }

    private static Path edit(Path source, String file, String from, String to) throws IOException {
        Path path = source.resolve(file);
        String text = Files.readString(path);
        assertThat(text).contains(from);
        Files.writeString(path, text.replace(from, to));
        return source;
    }

    @Test
    void classifier_becomesARerankerWithTheScoresOfItsPoolingLayer() throws IOException {
        RandomBert bert = RandomBert.reranker();
        List<String> documents = List.of("the mat is warm", "a dog ran far home", "sun");
        try (LemModel model = LemModel.load(convert(reranker()), OPTIONS)) {
            List<Relevance> found = model.rerank("the cat sat", documents);
            for (int i = 0; i < documents.size(); i++) {
                assertThat((double) found.get(i).score())
                        .isCloseTo(bert.relevance("the cat sat", documents.get(i)), within(5e-4));
            }
        }
    }

    @Test
    void encoderWithoutClassifier_hasNoHead_andTheSameEmbeddingsAsItsFile() throws IOException {
        Path source = RandomBert.embedder().writeFolder(folder.resolve("encoder"));
        Files.writeString(
                source.resolve("modules.json"),
                "[{\"type\": \"sentence_transformers.models.Pooling\", \"path\": \"p\"}]");
        Files.createDirectories(source.resolve("p"));
        Files.writeString(source.resolve("p/config.json"), "{\"pooling_mode_mean_tokens\": true}");
        Path file = convert(source);
        assertThat(GgufFile.read(file).tensor("cls.output.weight")).isEmpty();
        try (LemModel model = LemModel.load(file, OPTIONS);
                LemModel written =
                        LemModel.load(RandomBert.embedder().write(folder.resolve("written.gguf")), OPTIONS)) {
            assertThat(model.embed(List.of("the cat sat")).getFirst())
                    .containsExactly(written.embed(List.of("the cat sat")).getFirst());
        }
    }

    @Test
    void classifierOfAnotherShapeThanItsLabels_isRefusedWithBoth() throws IOException {
        Path source = edit(reranker(), "config.json", "{\"0\":\"LABEL_0\"}", "{\"10\":\"last\",\"9\":\"first\"}");
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> convert(source))
                .withMessageContaining("classifier")
                .withMessageContaining("2 x 32 (the number of id2label, hidden_size)");
    }

    @Test
    void preTokenizerThatIsNamed_isWritten() throws IOException {
        Path output = folder.resolve("named.gguf");
        Convert.run(ConvertOptions.of(reranker(), output).withPreTokenizer("jina-v2-en"));
        assertThat(GgufFile.read(output).metadata().text("tokenizer.ggml.pre")).contains("jina-v2-en");
    }

    @Test
    void labelsThatAreNotNumbered_areRefused() throws IOException {
        Path source = edit(reranker(), "config.json", "{\"0\":\"LABEL_0\"}", "{\"zero\":\"LABEL_0\"}");
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> convert(source))
                .withMessageContaining("id2label");
    }

    @Test
    void classifierWithoutItsPoolingLayer_isRefusedByName() throws IOException {
        Path source = RandomBert.embedder().writeFolder(folder.resolve("headless"));
        edit(source, "config.json", "BertModel", "BertForSequenceClassification");
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> convert(source))
                .withMessageContaining("no tensor pooler.dense.weight");
        assertThat(folder.resolve("headless.gguf")).doesNotExist();
    }
}
