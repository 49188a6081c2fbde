package io.lethean.lem.spring.autoconfigure;

import io.lethean.lem.model.EmbeddingOptions;
import io.lethean.lem.model.Pooling;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.document.MetadataMode;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The embedding model.
 *
 * @param enabled Whether there is an embedding model.
 * @param model The model: the path of a GGUF file, or a name on the Hugging Face hub such as hf:org/name:Q4_K_M, which is
 *     downloaded once. If it is the file of the chat model, that one is used and not loaded again.
 * @param name Name of the model in responses, observations and requests; by default the name of its file without .gguf.
 * @param pooling How the embeddings of a text's tokens become one; by default as the model's file says.
 * @param normalized Whether each embedding is divided by its length.
 * @param metadataMode Which metadata of a document is embedded with its text.
 * @param load How the model is loaded; not together with the file of the chat model.
 */
@ConfigurationProperties(LemEmbeddingProperties.PREFIX)
public record LemEmbeddingProperties(
        @DefaultValue("true") boolean enabled,
        @Nullable String model,
        @Nullable String name,
        @Nullable Pooling pooling,
        @DefaultValue("true") boolean normalized,
        @DefaultValue("EMBED") MetadataMode metadataMode,
        @NestedConfigurationProperty @Nullable LoadProperties load) {

    /** What the names of the properties begin with. */
    public static final String PREFIX = "lem.embedding";

    EmbeddingOptions embeddingOptions() {
        return new EmbeddingOptions(Optional.ofNullable(pooling), normalized);
    }
}
