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

    /** {@return how to generate the answer} */
    GenerationOptions options();

    /**
     * A text to continue, as {@link LemModel#generate(String, GenerationOptions)} takes it.
     *
     * @param prompt the text to continue
     * @param options how to generate the answer
     */
    record Text(String prompt, GenerationOptions options) implements GenerationRequest {
        /**
         * Checks the values.
         *
         * @throws IllegalArgumentException naming the value that is out of its range
         */
        public Text {
            Objects.requireNonNull(prompt, "prompt");
            Objects.requireNonNull(options, "options");
        }
    }

    /**
     * Tokens to continue, as they are.
     *
     * @param prompt the tokens to continue
     * @param options how to generate the answer
     */
    record Tokens(List<Integer> prompt, GenerationOptions options) implements GenerationRequest {
        /**
         * Checks the values and copies the list.
         *
         * @throws IllegalArgumentException naming the value that is out of its range
         */
        public Tokens {
            prompt = List.copyOf(prompt);
            Objects.requireNonNull(options, "options");
        }
    }

    /**
     * Tokens that a later prompt begins with; they are evaluated, and nothing is generated.
     *
     * @param prompt the tokens to evaluate
     * @param options those of the later answer, for its adapters
     */
    record Prepare(List<Integer> prompt, GenerationOptions options) implements GenerationRequest {
        /**
         * Checks the values and copies the list.
         *
         * @throws IllegalArgumentException naming the value that is out of its range
         */
        public Prepare {
            prompt = List.copyOf(prompt);
            Objects.requireNonNull(options, "options");
        }
    }

    /**
     * A conversation to answer, as {@link TextGenerator#chat(List, GenerationOptions)} takes it.
     *
     * @param messages the turns so far
     * @param chatOptions what the chat template is given in addition to the messages. If they are there, the generated text
     *     has the markers of thoughts and calls, even where they are special tokens, so that an {@link AnswerParser} can
     *     read it
     * @param options how to generate the answer
     */
    record Chat(List<Message> messages, Optional<ChatOptions> chatOptions, GenerationOptions options)
            implements GenerationRequest {
        /**
         * Checks the values and copies the list.
         *
         * @throws IllegalArgumentException naming the value that is out of its range
         */
        public Chat {
            messages = List.copyOf(messages);
            Objects.requireNonNull(chatOptions, "chatOptions");
            Objects.requireNonNull(options, "options");
        }

        /**
         * A conversation without tools, documents and variables.
         *
         * @param messages the turns so far
         * @param options how to generate the answer
         */
        public Chat(List<Message> messages, GenerationOptions options) {
            this(messages, Optional.empty(), options);
        }

        /**
         * A conversation with tools, documents or variables of the chat template.
         *
         * @param messages the turns so far
         * @param chatOptions what the chat template is given in addition to the messages
         * @param options how to generate the answer
         */
        public Chat(List<Message> messages, ChatOptions chatOptions, GenerationOptions options) {
            this(messages, Optional.of(chatOptions), options);
        }
    }
}
