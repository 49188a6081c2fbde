package io.lethean.lem.model;

import io.lethean.lem.Message;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** One prompt among many, with the options of its answer. */
public sealed interface GenerationRequest
        permits GenerationRequest.Text,
                GenerationRequest.Tokens,
                GenerationRequest.Prepare,
                GenerationRequest.Chat,
                RenderedChat {

    /** How to generate the answer. */
    GenerationOptions options();

    /** A text to continue, as {@link LemModel#generate(String, GenerationOptions)} takes it. */
    record Text(String prompt, GenerationOptions options) implements GenerationRequest {
        public Text {
            Objects.requireNonNull(prompt, "prompt");
            Objects.requireNonNull(options, "options");
        }
    }

    /** Tokens to continue, as they are. */
    record Tokens(List<Integer> prompt, GenerationOptions options) implements GenerationRequest {
        public Tokens {
            prompt = List.copyOf(prompt);
            Objects.requireNonNull(options, "options");
        }
    }

    /**
     * Tokens that a later prompt begins with; they are evaluated, and nothing is generated.
     *
     * @param options those of the later answer, for its adapters
     */
    record Prepare(List<Integer> prompt, GenerationOptions options) implements GenerationRequest {
        public Prepare {
            prompt = List.copyOf(prompt);
            Objects.requireNonNull(options, "options");
        }
    }

    /**
     * A conversation to answer, as {@link TextGenerator#chat(List, GenerationOptions)} takes it.
     *
     * @param chatOptions what the chat template is given in addition to the messages. If they are there, the generated text
     *     has the markers of thoughts and calls, even where they are special tokens, so that an {@link AnswerParser} can
     *     read it
     */
    record Chat(List<Message> messages, Optional<ChatOptions> chatOptions, GenerationOptions options)
            implements GenerationRequest {
        public Chat {
            messages = List.copyOf(messages);
            Objects.requireNonNull(chatOptions, "chatOptions");
            Objects.requireNonNull(options, "options");
        }

        public Chat(List<Message> messages, GenerationOptions options) {
            this(messages, Optional.empty(), options);
        }

        public Chat(List<Message> messages, ChatOptions chatOptions, GenerationOptions options) {
            this(messages, Optional.of(chatOptions), options);
        }
    }
}
