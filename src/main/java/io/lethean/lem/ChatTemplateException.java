package io.lethean.lem;

import org.jspecify.annotations.Nullable;

/** A chat template that cannot be parsed, refuses the conversation, or exceeds a limit. */
public final class ChatTemplateException extends LemException {

    private static final long serialVersionUID = 1L;

    public ChatTemplateException(String message) {
        this(message, null);
    }

    public ChatTemplateException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
