package io.lethean.lem;

import org.jspecify.annotations.Nullable;

/** A chat template that cannot be parsed, refuses the conversation, or exceeds a limit. */
public final class ChatTemplateException extends LemException {

    private static final long serialVersionUID = 1L;

    /**
     * Says why a conversation could not be rendered.
     *
     * @param message what was tried, what was expected and found, and what to do next
     */
    public ChatTemplateException(String message) {
        this(message, null);
    }

    /**
     * Says why a conversation could not be rendered.
     *
     * @param message what was tried, what was expected and found, and what to do next
     * @param cause what led to it; null if nothing did
     */
    public ChatTemplateException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
