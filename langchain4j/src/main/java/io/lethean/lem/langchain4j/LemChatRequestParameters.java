package io.lethean.lem.langchain4j;

import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import io.lethean.lem.model.ChatOptions;
import io.lethean.lem.model.GenerationOptions;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Parameters of a request that only LEM has, in addition to LangChain4j's own. Immutable.
 *
 * <p>What LangChain4j has a parameter for is set there; it is applied last.
 */
public final class LemChatRequestParameters extends DefaultChatRequestParameters {

    /** No parameter is set. */
    public static final LemChatRequestParameters EMPTY = builder().build();

    private final @Nullable GenerationOptions generationOptions;
    private final @Nullable ChatOptions chatOptions;

    private LemChatRequestParameters(Builder builder) {
        super(builder);
        generationOptions = builder.generationOptions;
        chatOptions = builder.chatOptions;
    }

    /**
     * {@return the options that the answer starts from, such as seed, minP and repeatPenalty; null if they are the
     * library's own}
     */
    public @Nullable GenerationOptions generationOptions() {
        return generationOptions;
    }

    /**
     * {@return what the chat template is given, such as {@code enable_thinking}; null if nothing is} Tools are set by
     * LangChain4j's parameter.
     */
    public @Nullable ChatOptions chatOptions() {
        return chatOptions;
    }

    @Override
    public LemChatRequestParameters overrideWith(ChatRequestParameters that) {
        return builder().overrideWith(this).overrideWith(that).build();
    }

    @Override
    public LemChatRequestParameters defaultedBy(ChatRequestParameters that) {
        return builder().overrideWith(that).overrideWith(this).build();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return super.equals(other)
                && other instanceof LemChatRequestParameters that
                && Objects.equals(generationOptions, that.generationOptions)
                && Objects.equals(chatOptions, that.chatOptions);
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), generationOptions, chatOptions);
    }

    @Override
    public String toString() {
        return "LemChatRequestParameters{" + super.toString() + ", generationOptions=" + generationOptions
                + ", chatOptions=" + chatOptions + '}';
    }

    /** {@return a builder without parameters} */
    public static Builder builder() {
        return new Builder();
    }

    /** Sets parameters by name. */
    public static final class Builder extends DefaultChatRequestParameters.Builder<Builder> {

        private @Nullable GenerationOptions generationOptions;
        private @Nullable ChatOptions chatOptions;

        private Builder() {}

        @Override
        public Builder overrideWith(ChatRequestParameters parameters) {
            super.overrideWith(parameters);
            if (parameters instanceof LemChatRequestParameters lem) {
                generationOptions = lem.generationOptions == null ? generationOptions : lem.generationOptions;
                chatOptions = lem.chatOptions == null ? chatOptions : lem.chatOptions;
            }
            return this;
        }

        /**
         * Sets the options that the answer starts from.
         *
         * @param value the options
         * @return this builder
         */
        public Builder generationOptions(GenerationOptions value) {
            generationOptions = value;
            return this;
        }

        /**
         * Changes the options that are set, or the library's own.
         *
         * @param change gets a builder of the options and returns it
         * @return this builder
         */
        public Builder generationOptions(UnaryOperator<GenerationOptions.Builder> change) {
            GenerationOptions from = generationOptions == null ? GenerationOptions.defaults() : generationOptions;
            generationOptions = change.apply(from.toBuilder()).build();
            return this;
        }

        /**
         * Sets what the chat template is given; tools of LangChain4j's parameter take the place of its tools.
         *
         * @param value documents, variables and the form of tool calls
         * @return this builder
         */
        public Builder chatOptions(ChatOptions value) {
            chatOptions = value;
            return this;
        }

        @Override
        public LemChatRequestParameters build() {
            return new LemChatRequestParameters(this);
        }
    }
}
