package io.lethean.lem.langchain4j;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.scoring.ScoringModel;
import dev.langchain4j.model.scoring.request.ScoringRequest;
import dev.langchain4j.model.scoring.response.ScoringResponse;
import dev.langchain4j.model.scoring.response.ScoringResponseMetadata;
import io.lethean.lem.model.LemModel;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * LangChain4j's {@code ScoringModel} on a {@link LemModel} that ranks texts (a cross-encoder). It does not own the model. Any number
 * of threads may ask at once.
 */
public final class LemScoringModel implements ScoringModel {

    private final LemModel model;

    private LemScoringModel(LemModel model) {
        this.model = model;
    }

    /**
     * Returns a scoring model on this model.
     *
     * @param model the model; it stays the caller's to close
     * @return the scoring model
     */
    public static LemScoringModel of(LemModel model) {
        return new LemScoringModel(model);
    }

    /**
     * Returns how relevant each text is for the query, in the order of the texts: the score of the model's head, larger is more relevant.
     *
     * @throws dev.langchain4j.exception.InvalidRequestException if the model does not rank texts, or a text does not fit
     */
    @Override
    public Response<List<Double>> scoreAll(List<TextSegment> segments, String query) {
        return Response.from(scores(segments.stream().map(TextSegment::text).toList(), query));
    }

    /** Scores on a virtual thread. Cancelling the future ends the call. */
    @Override
    public CompletableFuture<ScoringResponse> doScoreAsync(ScoringRequest request) {
        String name = request.modelName();
        if (name != null && !name.equals(ModelNames.of(model))) {
            return CompletableFuture.failedFuture(new UnsupportedFeatureException(
                    "The modelName '" + name + "' is not supported: this scoring model has one model, '"
                            + ModelNames.of(model) + "'. Leave modelName out."));
        }
        return Async.run(() -> ScoringResponse.builder()
                .scores(scores(request.documents(), request.query()))
                .metadata(ScoringResponseMetadata.builder()
                        .modelName(ModelNames.of(model))
                        .build())
                .build());
    }

    private List<Double> scores(List<String> texts, String query) {
        return Errors.mapped(() -> model.rerank(query, texts)).stream()
                .map(relevance -> (double) relevance.score())
                .toList();
    }
}
