package io.lethean.lem;

import org.jspecify.annotations.Nullable;

/** A prompt that does not fit the context. */
public final class ContextOverflowException extends LemException {

    private static final long serialVersionUID = 1L;

    private final int promptTokens;
    private final int contextTokens;

    /**
     * @param promptTokens tokens of the prompt
     * @param contextTokens tokens that the context can hold
     */
    public ContextOverflowException(String message, int promptTokens, int contextTokens) {
        this(message, promptTokens, contextTokens, null);
    }

    public ContextOverflowException(String message, int promptTokens, int contextTokens, @Nullable Throwable cause) {
        super(message, cause);
        this.promptTokens = promptTokens;
        this.contextTokens = contextTokens;
    }

    /** Tokens of the prompt. */
    public int promptTokens() {
        return promptTokens;
    }

    /** Tokens that the context can hold. */
    public int contextTokens() {
        return contextTokens;
    }
}
