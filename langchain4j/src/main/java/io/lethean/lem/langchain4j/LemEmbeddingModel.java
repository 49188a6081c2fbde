package io.lethean.lem.langchain4j;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.request.EmbeddingInput;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.embedding.response.EmbeddingResponseMetadata;
import dev.langchain4j.model.output.TokenUsage;
import io.lethean.lem.model.EmbeddingOptions;
import io.lethean.lem.model.LemModel;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * LangChain4j's {@code EmbeddingModel} on a {@link LemModel} in this process. It does not own the model. Any number of threads may
 * ask at once. Interrupting a waiting thread ends its call with a {@link java.util.concurrent.CancellationException}.
 */
public final class LemEmbeddingModel implements EmbeddingModel {

    private final LemModel model;
    private final String modelName;
    private final EmbeddingOptions options;
    private final List<EmbeddingModelListener> listeners;

    private LemEmbeddingModel(Builder builder) {
        model = builder.model;
        modelName = builder.modelName;
        options = builder.options;
        listeners = builder.listeners;
    }

    /**
     * Returns an embedding model with the pooling that the model's file names, of which the embeddings have length 1.
     *
     * @param model the model; it stays the caller's to close
     * @return the embedding model
     */
    public static LemEmbeddingModel of(LemModel model) {
        return builder(model).build();
    }

    /**
     * {@return a builder of an embedding model on this model}
     *
     * @param model the model; it stays the caller's to close
     */
    public static Builder builder(LemModel model) {
        return new Builder(model);
    }

    /**
     * Returns one embedding for each text, in order.
     *
     * @throws dev.langchain4j.exception.InvalidRequestException if a text does not fit the context, or pooling is left to the
     *     model's file, which does not name one
     */
    @Override
    public EmbeddingResponse doEmbed(EmbeddingRequest request) {
        List<String> texts = request.inputs().stream().map(EmbeddingInput::text).toList();
        return Errors.mapped(() -> {
            List<Embedding> embeddings =
                    model.embed(texts, options).stream().map(Embedding::from).toList();
            int tokens = texts.stream()
                    .mapToInt(text -> model.tokenize(text, true, false).size())
                    .sum();
            return EmbeddingResponse.builder()
                    .embeddings(embeddings)
                    .metadata(EmbeddingResponseMetadata.builder()
                            .modelName(modelName)
                            .tokenUsage(new TokenUsage(tokens))
                            .build())
                    .build();
        });
    }

    /** Embeds on a virtual thread. Cancelling the future ends the call. */
    @Override
    public CompletableFuture<EmbeddingResponse> doEmbedAsync(EmbeddingRequest request) {
        return Async.run(() -> doEmbed(request));
    }

    /** {@return values of an embedding, as the model's file says} */
    @Override
    public int dimension() {
        return model.info().architecture().embeddingSize();
    }

    @Override
    public String modelName() {
        return modelName;
    }

    @Override
    public List<EmbeddingModelListener> listeners() {
        return listeners;
    }

    /** Sets what a {@link LemEmbeddingModel} is made of. */
    public static final class Builder {

        private final LemModel model;
        private String modelName;
        private EmbeddingOptions options = EmbeddingOptions.defaults();
        private List<EmbeddingModelListener> listeners = List.of();

        private Builder(LemModel model) {
            this.model = model;
            modelName = ModelNames.of(model);
        }

        /**
         * Sets the name that responses carry; the default is the name in the model's file, or the name of the file.
         *
         * @param value the name
         * @return this builder
         */
        public Builder modelName(String value) {
            modelName = value;
            return this;
        }

        /**
         * Sets pooling and normalization. A model that generates text needs a pooling.
         *
         * @param value pooling and length
         * @return this builder
         */
        public Builder options(EmbeddingOptions value) {
            options = value;
            return this;
        }

        /**
         * Sets the listeners of requests, responses and errors, in the order in which they are called.
         *
         * @param value the listeners; replaces those set before
         * @return this builder
         */
        public Builder listeners(List<EmbeddingModelListener> value) {
            listeners = List.copyOf(value);
            return this;
        }

        /**
         * Returns the embedding model.
         *
         * @return the embedding model
         */
        public LemEmbeddingModel build() {
            return new LemEmbeddingModel(this);
        }
    }
}
