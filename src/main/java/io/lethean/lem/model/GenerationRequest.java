package io.lethean.lem.model;

import io.lethean.lem.Message;
import java.util.List;
import java.util.Objects;

/** One prompt among many, with the options of its answer. */
public sealed interface GenerationRequest {

    /** How to generate the answer. */
    GenerationOptions options();

    /** A text to continue, as {@link LemModel#generate(String, GenerationOptions)} takes it. */
    record Text(String prompt, GenerationOptions options) implements GenerationRequest {
        public Text {
            Objects.requireNonNull(prompt, "prompt");
            Objects.requireNonNull(options, "options");
        }
    }

    /** A conversation to answer, as {@link TextGenerator#chat(List, GenerationOptions)} takes it. */
    record Chat(List<Message> messages, GenerationOptions options) implements GenerationRequest {
        public Chat {
            messages = List.copyOf(messages);
            Objects.requireNonNull(options, "options");
        }
    }
}
