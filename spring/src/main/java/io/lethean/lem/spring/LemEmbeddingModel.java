package io.lethean.lem.spring;

import io.lethean.lem.model.EmbeddingOptions;
import io.lethean.lem.model.LemModel;
import io.micrometer.observation.ObservationRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.document.Document;
import org.springframework.ai.document.MetadataMode;
import org.springframework.ai.embedding.Embedding;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;
import org.springframework.ai.embedding.EmbeddingResponseMetadata;
import org.springframework.ai.embedding.observation.DefaultEmbeddingModelObservationConvention;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationContext;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationConvention;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationDocumentation;

/**
 * Spring AI's {@code EmbeddingModel} on a {@link LemModel} in this process.
 *
 * <p><b>Lifetime.</b> It does not own the model: close the model when nobody asks it any more.
 *
 * <p><b>Threads.</b> Any number of threads may ask at once, on their own threads. The embedding of a text does not depend on the
 * others of its request.
 */
public final class LemEmbeddingModel implements EmbeddingModel {

    private static final EmbeddingModelObservationConvention DEFAULT_CONVENTION =
            new DefaultEmbeddingModelObservationConvention();

    private final LemModel model;
    private final String name;
    private final EmbeddingOptions options;
    private final MetadataMode metadataMode;
    private final ObservationRegistry observations;
    private final @Nullable EmbeddingModelObservationConvention convention;

    private LemEmbeddingModel(Builder builder) {
        model = builder.model;
        name = builder.name;
        options = builder.options;
        metadataMode = builder.metadataMode;
        observations = builder.observations;
        convention = builder.convention;
    }

    /**
     * An embedding model with the pooling of the model's file, normalised, not observed.
     *
     * @param model the model; it is not owned
     * @return an embedding model on it
     */
    public static LemEmbeddingModel of(LemModel model) {
        return builder(model).build();
    }

    /**
     * A builder of an embedding model.
     *
     * @param model the model; it is not owned
     * @return a new builder
     */
    public static Builder builder(LemModel model) {
        return new Builder(model);
    }

    /**
     * The name of the model, which responses and observations have.
     *
     * @return by default the name of the model's file without {@code .gguf}
     */
    public String name() {
        return name;
    }

    /**
     * One embedding for each text, in order.
     *
     * @throws IllegalArgumentException if a text has no token, or the options ask for another model or another number of
     *     dimensions
     * @throws io.lethean.lem.ContextOverflowException if a text does not fit, before any text is evaluated
     * @throws io.lethean.lem.InvalidModelException if the pooling is left to the file, which does not name one
     * @throws IllegalStateException if the model is closed
     */
    @Override
    public EmbeddingResponse call(EmbeddingRequest request) {
        EmbeddingRequest asked = named(request);
        EmbeddingModelObservationContext context = EmbeddingModelObservationContext.builder()
                .embeddingRequest(asked)
                .provider(LemChatModel.PROVIDER)
                .build();
        return Objects.requireNonNull(EmbeddingModelObservationDocumentation.EMBEDDING_MODEL_OPERATION
                .observation(convention, DEFAULT_CONVENTION, () -> context, observations)
                .observe(() -> {
                    EmbeddingResponse response = embedAll(asked.getInstructions());
                    context.setResponse(response);
                    return response;
                }));
    }

    /** The request with the name of the model, for the observation. */
    private EmbeddingRequest named(EmbeddingRequest request) {
        Optional<org.springframework.ai.embedding.EmbeddingOptions> given = Optional.ofNullable(request.getOptions());
        given.map(org.springframework.ai.embedding.EmbeddingOptions::getModel)
                .filter(asked -> !asked.isBlank())
                .ifPresent(asked -> ModelNames.require(asked, name));
        org.springframework.ai.embedding.EmbeddingOptions.Builder named =
                org.springframework.ai.embedding.EmbeddingOptions.builder().model(name);
        given.map(org.springframework.ai.embedding.EmbeddingOptions::getDimensions)
                .ifPresent(asked -> {
                    requireDimensions(asked);
                    named.dimensions(asked);
                });
        return new EmbeddingRequest(request.getInstructions(), named.build());
    }

    private void requireDimensions(int asked) {
        if (asked != dimensions()) {
            throw new IllegalArgumentException(
                    "The request asks for embeddings of " + asked + " values, and those of the model '" + name
                            + "' have " + dimensions() + ". Leave the dimensions out of the options.");
        }
    }

    private EmbeddingResponse embedAll(List<String> texts) {
        List<float[]> values = model.embed(texts, options);
        List<Embedding> embeddings = new ArrayList<>();
        for (float[] each : values) {
            embeddings.add(new Embedding(each, embeddings.size()));
        }
        int tokens = texts.stream()
                .mapToInt(text -> model.tokenize(text, true, false).size())
                .sum();
        return new EmbeddingResponse(
                embeddings, new EmbeddingResponseMetadata(name, new DefaultUsage(tokens, 0, tokens)));
    }

    /**
     * The embedding of a document's text and, as the metadata mode says, its metadata.
     *
     * @throws IllegalArgumentException if the document has media and no text
     */
    @Override
    public float[] embed(Document document) {
        return embed(getEmbeddingContent(document));
    }

    @Override
    public String getEmbeddingContent(Document document) {
        if (!document.isText()) {
            throw new IllegalArgumentException("The document '" + document.getId()
                    + "' has media and no text, and LEM embeds text only. Leave the document out.");
        }
        // Without metadata, the formatted content has the empty lines that would follow them.
        return metadataMode == MetadataMode.NONE
                ? Objects.requireNonNull(document.getText())
                : document.getFormattedContent(metadataMode);
    }

    /** {@return how many values an embedding has, as the model's file says} */
    @Override
    public int dimensions() {
        return model.info().architecture().embeddingSize();
    }

    @Override
    public String toString() {
        return "LemEmbeddingModel[" + name + "]";
    }

    /** Sets what a {@link LemEmbeddingModel} is made of. For one thread. */
    public static final class Builder {

        private final LemModel model;
        private String name;
        private EmbeddingOptions options = EmbeddingOptions.defaults();
        private MetadataMode metadataMode = MetadataMode.EMBED;
        private ObservationRegistry observations = ObservationRegistry.NOOP;
        private @Nullable EmbeddingModelObservationConvention convention;

        private Builder(LemModel model) {
            this.model = model;
            name = ModelNames.of(model);
        }

        /**
         * The name of the model in responses and observations, and the only one that a request may ask for.
         *
         * @param value not blank
         * @return this builder
         */
        public Builder name(String value) {
            if (value.isBlank()) {
                throw new IllegalArgumentException("The name of the model is empty; give it a name, or leave it out.");
            }
            name = value;
            return this;
        }

        /**
         * Pooling and normalisation.
         *
         * @param value the options of every request
         * @return this builder
         */
        public Builder options(EmbeddingOptions value) {
            options = value;
            return this;
        }

        /**
         * Which metadata of a document is embedded with its text; {@link MetadataMode#EMBED} by default.
         *
         * @param value the mode
         * @return this builder
         */
        public Builder metadataMode(MetadataMode value) {
            metadataMode = value;
            return this;
        }

        /**
         * Where requests are observed; nowhere by default.
         *
         * @param value the registry
         * @return this builder
         */
        public Builder observationRegistry(ObservationRegistry value) {
            observations = value;
            return this;
        }

        /**
         * Names and key values of observations; Spring AI's own by default.
         *
         * @param value the convention
         * @return this builder
         */
        public Builder observationConvention(EmbeddingModelObservationConvention value) {
            convention = value;
            return this;
        }

        /**
         * Makes the embedding model.
         *
         * @return a new embedding model
         */
        public LemEmbeddingModel build() {
            return new LemEmbeddingModel(this);
        }
    }
}
