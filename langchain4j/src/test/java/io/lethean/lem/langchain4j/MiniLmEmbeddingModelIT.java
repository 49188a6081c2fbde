package io.lethean.lem.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.store.embedding.CosineSimilarity;
import io.lethean.lem.Fixtures;
import io.lethean.lem.convert.Convert;
import io.lethean.lem.convert.ConvertOptions;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The suite on all-MiniLM-L6-v2; and that it tells what belongs together. */
@Tag("real")
class MiniLmEmbeddingModelIT extends LemEmbeddingModelIT {

    @Override
    Path file(Path folder) throws IOException {
        Path file = folder.resolve("minilm.gguf");
        Convert.run(ConvertOptions.of(Fixtures.realModel("minilm"), file).withType("f16"));
        return file;
    }

    @Test
    void textsOfOneMeaning_areCloserThanOthers() {
        EmbeddingModel embeddings = LemEmbeddingModel.of(model);

        var food = embeddings.embed("A man is eating food.").content();
        var lunch = embeddings.embed("Someone is having lunch.").content();
        var car = embeddings.embed("The car needs new tyres.").content();

        assertThat(food.dimension()).isEqualTo(384);
        assertThat(embeddings.dimension()).isEqualTo(384);
        assertThat(CosineSimilarity.between(food, lunch)).isGreaterThan(CosineSimilarity.between(food, car) + 0.3);
    }
}
