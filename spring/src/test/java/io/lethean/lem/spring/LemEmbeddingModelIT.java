package io.lethean.lem.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.model.EmbeddingOptions;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.Pooling;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.ai.content.Media;
import org.springframework.ai.document.Document;
import org.springframework.ai.document.MetadataMode;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;
import org.springframework.ai.embedding.TokenCountBatchingStrategy;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.util.MimeTypeUtils;

class LemEmbeddingModelIT {

    private static final EmbeddingOptions MEAN = EmbeddingOptions.defaults().withPooling(Pooling.MEAN);
    private static final List<String> TEXTS = List.of("a kind word", "stone");

    private static LemModel model;
    private static LemEmbeddingModel embedding;

    @BeforeAll
    static void load() {
        model = Nano.load();
        embedding = LemEmbeddingModel.builder(model).options(MEAN).build();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static EmbeddingRequest request(org.springframework.ai.embedding.EmbeddingOptions options) {
        return new EmbeddingRequest(TEXTS, options);
    }

    @Test
    void call_hasTheEmbeddingsOfTheModelInOrder_andTheTokens() {
        EmbeddingResponse response = embedding.call(request(null));

        assertThat(response.getResults()).hasSize(2);
        for (int i = 0; i < 2; i++) {
            assertThat(response.getResults().get(i).getIndex()).isEqualTo(i);
            assertThat(response.getResults().get(i).getOutput())
                    .isEqualTo(model.embed(List.of(TEXTS.get(i)), MEAN).getFirst());
        }
        assertThat(response.getMetadata().getModel()).isEqualTo("lem-nano");
        int tokens = TEXTS.stream()
                .mapToInt(text -> model.tokenize(text, true, false).size())
                .sum();
        assertThat(response.getMetadata().getUsage().getPromptTokens()).isEqualTo(tokens);
        assertThat(response.getMetadata().getUsage().getTotalTokens()).isEqualTo(tokens);
    }

    @Test
    void dimensions_areThoseOfTheEmbeddings() {
        assertThat(embedding.dimensions()).isEqualTo(160);
        assertThat(embedding.embed("x")).hasSize(160);
    }

    @Test
    void documents_areEmbeddedWithTheirMetadata_asTheModeSays() {
        Document document = new Document("Birds fly.", Map.of("source", "book"));
        LemEmbeddingModel bare = LemEmbeddingModel.builder(model)
                .options(MEAN)
                .metadataMode(MetadataMode.NONE)
                .build();

        assertThat(bare.embed(document)).isEqualTo(embedding.embed("Birds fly."));
        assertThat(embedding.getEmbeddingContent(document))
                .contains("source: book")
                .contains("Birds fly.");
        assertThat(embedding.embed(document)).isEqualTo(embedding.embed(embedding.getEmbeddingContent(document)));
        assertThat(embedding.embed(List.of(document), null, new TokenCountBatchingStrategy()))
                .containsExactly(embedding.embed(document));
    }

    @Test
    void documentWithMedia_isRefused() {
        Document picture =
                new Document(new Media(MimeTypeUtils.IMAGE_PNG, new ByteArrayResource(new byte[] {1})), Map.of());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> embedding.embed(picture))
                .withMessageContaining("has media and no text");
    }

    @Test
    void otherDimensionsAndOtherModels_areRefused() {
        var builder = org.springframework.ai.embedding.EmbeddingOptions.builder();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> embedding.call(request(builder.dimensions(64).build())))
                .withMessageContaining("embeddings of 64 values")
                .withMessageContaining("have 160");
        assertThat(embedding.call(request(builder.dimensions(160).build())).getResults())
                .hasSize(2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> embedding.call(request(builder.model("other").build())))
                .withMessageContaining("asks for the model 'other'");
    }

    @Test
    void poolingThatTheFileDoesNotName_isRefused() {
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> LemEmbeddingModel.of(model).embed("x"))
                .withMessageContaining("Name the pooling");
    }

    @Test
    void call_isObservedWithTokens() {
        TestObservationRegistry registry = TestObservationRegistry.create();
        LemEmbeddingModel observed = LemEmbeddingModel.builder(model)
                .options(MEAN)
                .name("vectors")
                .observationRegistry(registry)
                .build();

        int tokens = observed.call(request(null)).getMetadata().getUsage().getPromptTokens();

        TestObservationRegistryAssert.assertThat(registry)
                .hasObservationWithNameEqualTo("gen_ai.client.operation")
                .that()
                .hasContextualNameEqualTo("embedding vectors")
                .hasLowCardinalityKeyValue("gen_ai.operation.name", "embedding")
                .hasLowCardinalityKeyValue("gen_ai.system", "lem")
                .hasLowCardinalityKeyValue("gen_ai.request.model", "vectors")
                .hasLowCardinalityKeyValue("gen_ai.response.model", "vectors")
                .hasHighCardinalityKeyValue("gen_ai.usage.input_tokens", String.valueOf(tokens))
                .hasBeenStopped();
    }
}
