package io.lethean.lem.spring.autoconfigure;

import io.lethean.lem.model.LemModel;
import io.lethean.lem.spring.LemChatModel;
import io.lethean.lem.spring.LemEmbeddingModel;
import io.micrometer.observation.ObservationRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationConvention;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * The embedding model that {@code lem.embedding.model} names. If that is the file of the chat model, both share one {@link
 * LemModel}; else it has its own, which is closed with the context.
 */
@AutoConfiguration(after = LemChatAutoConfiguration.class)
@ConditionalOnClass({EmbeddingModel.class, LemModel.class})
@ConditionalOnBooleanProperty(name = LemEmbeddingProperties.PREFIX + ".enabled", matchIfMissing = true)
@ConditionalOnProperty(
        name = {"spring.ai.model.embedding", "spring.ai.model.embedding.text"},
        havingValue = LemChatModel.PROVIDER,
        matchIfMissing = true)
@ConditionalOnProperty(LemEmbeddingProperties.PREFIX + ".model")
@ConditionalOnMissingBean(LemEmbeddingModel.class)
@EnableConfigurationProperties(LemEmbeddingProperties.class)
public final class LemEmbeddingAutoConfiguration {

    /** The bean of the model that embeds. It is not given to whoever asks for a {@link LemModel} without this name. */
    static final String MODEL = "lemModelOfEmbeddings";

    /** For Spring. */
    LemEmbeddingAutoConfiguration() {}

    /** Closing a shared model twice does no harm. */
    @Bean(name = MODEL, defaultCandidate = false, destroyMethod = "close")
    LemModel lemModelOfEmbeddings(LemEmbeddingProperties properties, ObjectProvider<LemModel> others) {
        String name = Objects.requireNonNull(properties.model(), "model");
        Path file = ModelLoading.locate(LemEmbeddingProperties.PREFIX + ".model", name);
        Optional<LemModel> same =
                others.stream().filter(other -> isSame(file, other)).findFirst();
        if (same.isEmpty()) {
            return ModelLoading.load(LemEmbeddingProperties.PREFIX, name, load(properties.load()), List.of());
        }
        if (properties.load() != null) {
            throw new LemStartupException(
                    "The property lem.embedding.model is '" + name
                            + "', the file of the chat model. It is loaded once for both,"
                            + " so properties that begin with lem.embedding.load would have no effect.",
                    "Remove them, and set those that begin with lem.chat.load.",
                    null);
        }
        if (!same.get().adapters().isEmpty()) {
            throw new LemStartupException(
                    "The property lem.embedding.model is '" + name
                            + "', the file of the chat model, and lem.chat.adapters apply to that model. They would change the"
                            + " embeddings, too.",
                    "Give the embeddings another file, such as an embedding model or a copy, or remove lem.chat.adapters.",
                    null);
        }
        return same.get();
    }

    private static LoadProperties load(@Nullable LoadProperties given) {
        return given != null ? given : LoadProperties.DEFAULTS;
    }

    private static boolean isSame(Path file, LemModel other) {
        try {
            return Files.isSameFile(file, other.info().weights().path());
        } catch (IOException missing) {
            // Loading will say what is missing.
            return false;
        }
    }

    @Bean
    LemEmbeddingModel lemEmbeddingModel(
            @Qualifier(MODEL) LemModel model,
            LemEmbeddingProperties properties,
            ObjectProvider<LemModel> others,
            ObjectProvider<LemChatModel> chats,
            ObjectProvider<ObservationRegistry> observations,
            ObjectProvider<EmbeddingModelObservationConvention> convention) {
        LemEmbeddingModel.Builder builder = LemEmbeddingModel.builder(model)
                .options(properties.embeddingOptions())
                .metadataMode(properties.metadataMode())
                .observationRegistry(observations.getIfUnique(() -> ObservationRegistry.NOOP));
        if (properties.name() != null) {
            builder.name(properties.name());
        }
        convention.ifAvailable(builder::observationConvention);
        LemEmbeddingModel made = builder.build();
        boolean shared = others.stream().anyMatch(other -> other == model);
        if (!shared) {
            requireOtherName(made, chats);
        }
        return made;
    }

    /** Two models of one name could not be told apart in observations and meters. */
    private static void requireOtherName(LemEmbeddingModel made, ObjectProvider<LemChatModel> chats) {
        if (chats.stream().anyMatch(chat -> chat.name().equals(made.name()))) {
            throw new LemStartupException(
                    "The chat model and the embedding model are two files and both have the name '" + made.name()
                            + "', so observations, meters and requests could not tell them apart.",
                    "Set lem.chat.name or lem.embedding.name to another name.",
                    null);
        }
    }
}
