package io.lethean.lem.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.common.AbstractEmbeddingModelIT;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import io.lethean.lem.model.EmbeddingOptions;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.RandomBert;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** LangChain4j's own suite for providers, on a small encoder with random weights; and the values. */
class LemEmbeddingModelIT extends AbstractEmbeddingModelIT {

    LemModel model;
    private LemModel closed;

    Path file(Path folder) throws IOException {
        return RandomBert.embedder().write(folder.resolve("bert.gguf"));
    }

    @BeforeAll
    void load(@TempDir Path folder) throws IOException {
        Path file = file(folder);
        model = LemModel.load(file);
        closed = LemModel.load(file);
        closed.close();
    }

    @AfterAll
    void close() {
        model.close();
    }

    @Override
    protected List<EmbeddingModel> models() {
        return List.of(LemEmbeddingModel.of(model));
    }

    @Override
    protected EmbeddingModel modelWith(EmbeddingModelListener listener) {
        return LemEmbeddingModel.builder(model).listeners(List.of(listener)).build();
    }

    @Override
    protected EmbeddingModel failingModelWith(EmbeddingModelListener listener) {
        return LemEmbeddingModel.builder(closed).listeners(List.of(listener)).build();
    }

    /** LEM embeds a text as it is; instructions for queries are words that the caller writes. */
    @Override
    protected boolean supportsInputTypeParameter() {
        return false;
    }

    /** An embedding has all of its values. */
    @Override
    protected boolean supportsDimensionsParameter() {
        return false;
    }

    /** LEM reads text only. */
    @Override
    protected boolean supportsImageInput() {
        return false;
    }

    /** Those of both texts, with the two that are around each. */
    int expectedTokens() {
        return 8 + 6;
    }

    @Test
    void embeddings_areThoseOfTheModel_alsoWithOptions() throws Exception {
        List<String> texts = List.of("the cat sat on the mat", "the sun is warm");
        EmbeddingRequest request = EmbeddingRequest.builder()
                .inputs("the cat sat on the mat", "the sun is warm")
                .build();
        EmbeddingOptions raw = EmbeddingOptions.defaults().withNormalized(false);
        EmbeddingModel other =
                LemEmbeddingModel.builder(model).options(raw).modelName("small").build();

        var plain = LemEmbeddingModel.of(model).embed(request);
        var later = other.embedAsync(request).get(60, TimeUnit.SECONDS);

        for (int text = 0; text < texts.size(); text++) {
            assertThat(plain.embeddings().get(text).vector())
                    .containsExactly(model.embed(texts).get(text));
            assertThat(later.embeddings().get(text).vector())
                    .containsExactly(model.embed(texts, raw).get(text));
        }
        assertThat(later.metadata().modelName()).isEqualTo("small");
        assertThat(plain.metadata().tokenUsage().inputTokenCount()).isEqualTo(expectedTokens());
    }
}
