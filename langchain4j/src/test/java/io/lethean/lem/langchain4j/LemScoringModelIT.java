package io.lethean.lem.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.scoring.request.ScoringRequest;
import dev.langchain4j.model.scoring.request.ScoringRequestParameters;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.RandomBert;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LemScoringModelIT {

    @TempDir
    Path folder;

    @Test
    void scores_areThoseOfTheReranker_inOrder() throws Exception {
        RandomBert bert = RandomBert.reranker();
        try (LemModel model = LemModel.load(bert.write(folder.resolve("reranker.gguf")))) {
            LemScoringModel scoring = LemScoringModel.of(model);
            List<String> texts = List.of("the dog ran far", "the sun is warm", "a cat");
            List<Double> expected = model.rerank("the cat", texts).stream()
                    .map(relevance -> (double) relevance.score())
                    .toList();

            assertThat(scoring.scoreAll(texts.stream().map(TextSegment::from).toList(), "the cat")
                            .content())
                    .isEqualTo(expected)
                    .doesNotHaveDuplicates();
            assertThat(scoring.score("the sun is warm", "the cat").content()).isEqualTo(expected.get(1));
            ScoringRequest request =
                    ScoringRequest.builder().documents(texts).query("the cat").build();
            assertThat(scoring.scoreAsync(request).get(60, TimeUnit.SECONDS).scores())
                    .isEqualTo(expected);
            ScoringRequest other = ScoringRequest.builder()
                    .documents(texts)
                    .query("the cat")
                    .parameters(ScoringRequestParameters.builder()
                            .modelName("another")
                            .build())
                    .build();
            assertThatThrownBy(() -> scoring.scoreAsync(other).get(60, TimeUnit.SECONDS))
                    .cause()
                    .isExactlyInstanceOf(UnsupportedFeatureException.class)
                    .hasMessageContaining("modelName 'another' is not supported");
        }
    }

    @Test
    void modelWithoutAHead_isRefusedWithASentence() throws IOException {
        try (LemModel model = LemModel.load(RandomBert.embedder().write(folder.resolve("bert.gguf")))) {
            assertThatThrownBy(() -> LemScoringModel.of(model).score("a cat", "the cat"))
                    .isExactlyInstanceOf(InvalidRequestException.class)
                    .hasMessageContaining("bert.gguf")
                    .hasMessageContaining("reranker");
        }
    }
}
